/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
#if defined(__TARGET_ARCH_x86)
#include "arch_x86_64.h"
#else
#error "careen-sensor: no system call table for this architecture yet (see arch_x86_64.h)"
#endif
