/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* All that depends on the processor is in one file for each: the registers of arguments, the mark of 32-bit system calls, the numbers, and for each
 * call where its names are.  Another architecture gets a file like those, its pt_regs in kernel_types.h, its table of names beside the decoder
 * (syscalls_*.txt), and a line in scripts/programs.py. */
#ifndef CAREEN_ARCH_H
#define CAREEN_ARCH_H

/* Rows of the table: number, kind, and which arguments are the name, its directory, the second name, its directory, and the flags. */
#define OPEN(nr, path_, dfd_, flags_) [nr] = { CALL_OPEN, KIND_OPEN, path_, dfd_, ABSENT, ABSENT, flags_ }
#define AT(nr, kind_, path_, dfd_) [nr] = { CALL_PATH, kind_, path_, dfd_, ABSENT, ABSENT, ABSENT }
#define TWO(nr, kind_, path_, dfd_, path2_, dfd2_) [nr] = { CALL_PATH, kind_, path_, dfd_, path2_, dfd2_, ABSENT }
#define PATH(nr, kind_) AT(nr, kind_, 0, ABSENT)
#define FD(nr, kind_) [nr] = { CALL_FD, kind_, ABSENT, ABSENT, ABSENT, ABSENT, ABSENT }
#define OTHER(nr, call_, kind_, path_, dfd_) [nr] = { call_, kind_, path_, dfd_, ABSENT, ABSENT, ABSENT }

#if defined(__TARGET_ARCH_x86)
#include "arch_x86_64.h"
#elif defined(__TARGET_ARCH_arm64)
#include "arch_aarch64.h"
#else
#error "careen-sensor: no system call table for this architecture yet (see arch_x86_64.h)"
#endif
#undef OPEN
#undef AT
#undef TWO
#undef PATH
#undef FD
#undef OTHER
#endif
