# SPDX-License-Identifier: EUPL-1.2
# Libraries that are not ours, each as PkgConfig::<name>; config/install-deps installs them on Debian.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)

pkg_check_modules(zmq REQUIRED IMPORTED_TARGET libzmq>=4.3.4)
pkg_check_modules(protobufc REQUIRED IMPORTED_TARGET libprotobuf-c>=1.4)
pkg_check_modules(lmdb REQUIRED IMPORTED_TARGET lmdb)
pkg_check_modules(sodium REQUIRED IMPORTED_TARGET libsodium>=1.0.18)
pkg_check_modules(gfshare REQUIRED IMPORTED_TARGET libgfshare)
pkg_check_modules(yaml REQUIRED IMPORTED_TARGET yaml-0.1)
pkg_check_modules(jansson REQUIRED IMPORTED_TARGET jansson)
pkg_check_modules(expat REQUIRED IMPORTED_TARGET expat)
pkg_check_modules(microhttpd REQUIRED IMPORTED_TARGET libmicrohttpd)
pkg_check_modules(curl REQUIRED IMPORTED_TARGET libcurl)
pkg_check_modules(gnutls REQUIRED IMPORTED_TARGET gnutls)
pkg_check_modules(smartcols REQUIRED IMPORTED_TARGET smartcols)
pkg_check_modules(systemd REQUIRED IMPORTED_TARGET libsystemd)
pkg_check_modules(cmocka IMPORTED_TARGET cmocka>=1.1.5)	# only the tests need it

find_program(PROTOC_C NAMES protoc-c)
find_program(PROTOC NAMES protoc)
if(PROTOC_C)
	set(NASOKA_PROTOC ${PROTOC_C})
elseif(PROTOC)
	set(NASOKA_PROTOC ${PROTOC})	# finds protoc-gen-c in the path
else()
	message(FATAL_ERROR "protoc-c is missing: run config/install-deps")
endif()
