# SPDX-License-Identifier: EUPL-1.2
# Compiler and linker flags. `nasoka_flags` is what every target of ours links; `nasoka_warnings` leaves out generated code.
option(NASOKA_WERROR "warnings are errors (CI)" OFF)
option(NASOKA_FUZZ "build the libFuzzer targets (clang)" OFF)
option(NASOKA_COVERAGE "instrument for gcov" OFF)
option(NASOKA_SEEDED_BUGS "put the faults of proto/base/bug.def into the product (never installed)" OFF)
set(NASOKA_SANITIZE "" CACHE STRING "sanitizers, as -fsanitize= takes them")

set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS ON)	# gnu17, for POSIX and Linux calls
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
set(CMAKE_ARCHIVE_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/lib)
if(NOT CMAKE_BUILD_TYPE)
	set(CMAKE_BUILD_TYPE Debug)
endif()

# An assertion is a promise of the programmer and is kept in production: no NDEBUG anywhere.
set(CMAKE_C_FLAGS_RELEASE "-O2 -g")
set(CMAKE_C_FLAGS_DEBUG "-O1 -g")

include(CheckPIESupported)
check_pie_supported()
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

add_library(nasoka_flags INTERFACE)
target_include_directories(nasoka_flags INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_definitions(nasoka_flags INTERFACE NASOKA_VERSION="${PROJECT_VERSION}")
if(NASOKA_SEEDED_BUGS)
	target_compile_definitions(nasoka_flags INTERFACE NASOKA_SEEDED_BUGS)
endif()
if(NASOKA_SANITIZE)
	target_compile_options(nasoka_flags INTERFACE
		-fsanitize=${NASOKA_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
	target_link_options(nasoka_flags INTERFACE -fsanitize=${NASOKA_SANITIZE})
else()
	# The sanitizers bring their own checks of the same calls.
	target_compile_options(nasoka_flags INTERFACE
		$<$<CONFIG:Release>:-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2>
		-fstack-protector-strong -fstack-clash-protection)
endif()
target_link_options(nasoka_flags INTERFACE -Wl,-z,relro -Wl,-z,now -Wl,--as-needed)
if(NASOKA_FUZZ)
	# Without a call at every comparison the same time tries twice the inputs and finds more new ones; strcmp and memcmp still tell.
	target_compile_options(nasoka_flags INTERFACE -O2 -fsanitize=fuzzer-no-link -fno-sanitize-coverage=trace-cmp)
	target_link_options(nasoka_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(NASOKA_COVERAGE)
	target_compile_options(nasoka_flags INTERFACE --coverage -O0)
	target_link_options(nasoka_flags INTERFACE --coverage)
endif()

add_library(nasoka_warnings INTERFACE)
target_link_libraries(nasoka_warnings INTERFACE nasoka_flags)
target_compile_options(nasoka_warnings INTERFACE -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes
	-Wmissing-prototypes -Werror=implicit-function-declaration -Werror=return-type -Wvla
	-Wformat=2 -Wcast-qual -Wswitch-enum $<$<BOOL:${NASOKA_WERROR}>:-Werror>)
