// SPDX-License-Identifier: EUPL-1.2

// Command sumdb checks an export of ours with Go's own signed notes and Merkle trees: every checkpoint's signature, the tiles, an
// inclusion proof of every leaf, consistency between checkpoints, and a .tlog-proof. It prints TAP.
//
//	sumdb EXPORT VERIFIER-KEY-FILE PROOF
package main

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const bundle = 256

var tests, failed int

func ok(err error, format string, args ...interface{}) {
	tests++
	what := fmt.Sprintf(format, args...)
	if err != nil {
		failed++
		fmt.Printf("not ok %d - %s\n# %v\n", tests, what, err)
		return
	}
	fmt.Printf("ok %d - %s\n", tests, what)
}

func must(err error) {
	if err != nil {
		ok(err, "the export can be read")
		os.Exit(1)
	}
}

// parse gives the tree of a checkpoint whose signature note.Open accepts.
func parse(text []byte, verifiers note.Verifiers) (tree tlog.Tree, err error) {
	n, err := note.Open(text, verifiers)
	if err != nil {
		return tree, err
	}
	lines := strings.Split(n.Text, "\n")
	if len(lines) != 4 || lines[0] != n.Sigs[0].Name {
		return tree, errors.New("not a checkpoint of that log")
	}
	if tree.N, err = strconv.ParseInt(lines[1], 10, 64); err != nil {
		return tree, err
	}
	tree.Hash, err = tlog.ParseHash(lines[2])
	return tree, err
}

// items divides a bundle at its 16-bit lengths.
func items(b []byte) (list [][]byte, err error) {
	for len(b) > 0 {
		if len(b) < 2 || len(b)-2 < int(binary.BigEndian.Uint16(b)) {
			return nil, errors.New("a bundle ends within an item")
		}
		n := int(binary.BigEndian.Uint16(b))
		list = append(list, b[2:2+n])
		b = b[2+n:]
	}
	return list, nil
}

// number writes n as tlog-tiles has it.
func number(n int64) string {
	s := fmt.Sprintf("%03d", n%1000)
	for n >= 1000 {
		n /= 1000
		s = fmt.Sprintf("x%03d/%s", n%1000, s)
	}
	return s
}

func partial(n, size int64) string {
	if (n+1)*bundle <= size {
		return ""
	}
	return fmt.Sprintf(".p/%d", size-n*bundle)
}

// tiles reads the export's tiles for Go's reader, which checks them against the root.
type tiles struct{ dir string }

func (t tiles) Height() int { return 8 }

func (t tiles) ReadTiles(want []tlog.Tile) (data [][]byte, err error) {
	for _, tile := range want {
		b, err := os.ReadFile(filepath.Join(t.dir, strings.Replace(tile.Path(), "tile/8/", "tile/", 1)))
		if err != nil {
			return nil, err
		}
		data = append(data, b)
	}
	return data, nil
}

func (t tiles) SaveTiles([]tlog.Tile, [][]byte) {}

func readLeaves(dir string, size int64) (leaves [][]byte, err error) {
	for n := int64(0); n*bundle < size; n++ {
		b, err := os.ReadFile(filepath.Join(dir, "tile/entries", number(n)+partial(n, size)))
		if err != nil {
			return nil, err
		}
		list, err := items(b)
		if err != nil {
			return nil, err
		}
		leaves = append(leaves, list...)
	}
	if int64(len(leaves)) != size {
		return nil, fmt.Errorf("%d leaves of %d", len(leaves), size)
	}
	return leaves, nil
}

// included proves each leaf with Go's prover and checks it with Go's checker; another leaf must not pass.
func included(tree tlog.Tree, leaves [][]byte, reader tlog.HashReader) error {
	for i := int64(0); i < tree.N; i++ {
		proof, err := tlog.ProveRecord(tree.N, i, reader)
		if err != nil {
			return err
		}
		if err := tlog.CheckRecord(proof, tree.N, tree.Hash, i, tlog.RecordHash(leaves[i])); err != nil {
			return fmt.Errorf("leaf %d: %v", i, err)
		}
		if tlog.CheckRecord(proof, tree.N, tree.Hash, i, tlog.RecordHash(leaves[(i+1)%tree.N])) == nil {
			return fmt.Errorf("another leaf passes for leaf %d", i)
		}
	}
	return nil
}

func olderCheckpoints(dir string, size int64) (list [][]byte, err error) {
	for n := int64(0); n*bundle < size; n++ {
		b, err := os.ReadFile(filepath.Join(dir, "checkpoints", number(n)))
		if err != nil {
			return nil, err
		}
		notes, err := items(b)
		if err != nil {
			return nil, err
		}
		list = append(list, notes...)
	}
	return list, nil
}

func consistent(tree tlog.Tree, older [][]byte, verifiers note.Verifiers, reader tlog.HashReader) error {
	for _, text := range older {
		old, err := parse(text, verifiers)
		if err != nil {
			return err
		}
		if old.N == 0 {
			continue
		}
		proof, err := tlog.ProveTree(tree.N, old.N, reader)
		if err != nil {
			return err
		}
		if err := tlog.CheckTree(proof, tree.N, tree.Hash, old.N, old.Hash); err != nil {
			return fmt.Errorf("size %d: %v", old.N, err)
		}
		old.Hash[0] ^= 1
		if tlog.CheckTree(proof, tree.N, tree.Hash, old.N, old.Hash) == nil {
			return fmt.Errorf("another root passes for size %d", old.N)
		}
	}
	return nil
}

// proven checks a .tlog-proof from its text alone.
func proven(text string, verifiers note.Verifiers, leaves [][]byte) error {
	cut := strings.Index(text, "\n\n")
	if cut < 0 {
		return errors.New("no blank line")
	}
	lines := strings.Split(text[:cut], "\n")
	if len(lines) < 3 || lines[0] != "c2sp.org/tlog-proof@v1" || !strings.HasPrefix(lines[1], "extra ") ||
		!strings.HasPrefix(lines[2], "index ") {
		return errors.New("not a tlog-proof with extra data")
	}
	tree, err := parse([]byte(text[cut+2:]), verifiers)
	if err != nil {
		return err
	}
	leaf, err := base64.StdEncoding.DecodeString(lines[1][len("extra "):])
	if err != nil {
		return err
	}
	index, err := strconv.ParseInt(lines[2][len("index "):], 10, 64)
	if err != nil {
		return err
	}
	var proof tlog.RecordProof
	for _, line := range lines[3:] {
		h, err := tlog.ParseHash(line)
		if err != nil {
			return err
		}
		proof = append(proof, h)
	}
	if string(leaf) != string(leaves[index]) {
		return errors.New("another leaf than the export's")
	}
	return tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(leaf))
}

func main() {
	dir := os.Args[1]
	key, err := os.ReadFile(os.Args[2])
	must(err)
	verifier, err := note.NewVerifier(strings.TrimSpace(string(key)))
	must(err)
	verifiers := note.VerifierList(verifier)
	text, err := os.ReadFile(filepath.Join(dir, "checkpoint"))
	must(err)

	tree, err := parse(text, verifiers)
	ok(err, "sumdb/note accepts the checkpoint of %d leaves", tree.N)
	text[len(text)-8] ^= 1
	if _, err = parse(text, verifiers); err == nil {
		err = errors.New("it passes")
	} else {
		err = nil
	}
	ok(err, "sumdb/note refuses it altered")

	leaves, err := readLeaves(dir, tree.N)
	must(err)
	reader := tlog.TileHashReader(tree, tiles{dir})
	ok(included(tree, leaves, reader), "sumdb/tlog proves and verifies the inclusion of each of %d leaves from our tiles", tree.N)
	older, err := olderCheckpoints(dir, tree.N)
	must(err)
	ok(consistent(tree, older, verifiers, reader), "sumdb/tlog verifies the consistency of %d older checkpoints", len(older))
	proof, err := os.ReadFile(os.Args[3])
	must(err)
	ok(proven(string(proof), verifiers, leaves), "sumdb/tlog verifies a .tlog-proof")
	fmt.Printf("1..%d\n", tests)
	if failed > 0 {
		os.Exit(1)
	}
}
