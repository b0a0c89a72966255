/* SPDX-License-Identifier: MIT */
#ifndef BASE_BOOT_ID_H
#define BASE_BOOT_ID_H

/* 32 hexadecimal digits and the NUL. */
#define BOOT_ID_MAX 33

/* Read the number that the kernel gives to each boot of the machine, without its dashes: from
 * $DOCKBELL_BOOT_ID, which the unit file sets (systemd's %b), else from
 * /proc/sys/kernel/random/boot_id (random(4)). Empty if neither can be read. */
void boot_id_read(char out[BOOT_ID_MAX]);

#endif
