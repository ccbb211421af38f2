// SPDX-License-Identifier: EUPL-1.2
// Numbers of persons judged by npm stdnum: a number a line, "EGN 1543079013"; 1 or 0 for each.
const { BG } = require('stdnum').stdnum;
const lines = require('fs').readFileSync(0, 'utf8').split('\n').filter(Boolean);
const said = lines.map((line) => {
	const [type, number] = line.split(' ');
	return (type === 'EGN' ? BG.egn : BG.pnf).validate(number).isValid ? '1' : '0';
});
process.stdout.write(said.join('\n') + '\n');
