/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* From kernel objects to keys and strings. */
#ifndef CAREEN_PATHS_H
#define CAREEN_PATHS_H

#define DEPTH 2048 /* a path of 4,096 bytes has no more components */

/* Functions that are not static are verified once, by themselves, and not again for every caller: that is what keeps the programs below the
 * verifier's limit of a million steps.  Such a function takes kernel pointers as numbers. */
#define dentry_at(address) ((struct dentry *)(address))

struct climb { struct scratch *s; u64 dentry; u32 start, offset, done; };

/* One step of walk_up: the name of this dentry, then on to its parent. */
static long climb_step(u32 step, struct climb *climb)
{
	struct dentry *dentry = dentry_at(climb->dentry), *up = BPF_CORE_READ(dentry, d_parent);
	u32 at = climb->offset & (TEXT - 1);
	if (up == dentry && step > 0) {
		climb->done = 1;
		return 1;
	}
	long length = bpf_probe_read_kernel_str(&climb->s->text[at], 256, BPF_CORE_READ(dentry, d_name.name));
	if (length <= 0)
		return 1;
	if (up == dentry) { /* "/" adds nothing; memfd:x and pipe:[1] are their own root */
		climb->offset = at + (length == 2 && climb->s->text[at] == '/' ? 0 : length);
		climb->done = 1;
		return 1;
	}
	climb->offset = at + length;
	climb->dentry = (u64)up;
	return climb->offset > climb->start + 4095 || climb->offset > TEXT - 1;
}

/* Write the names from a dentry up to the root of its *file system*, leaf first, each with its NUL, at offset in this CPU's scratch text;
 * return their length.  For an overlay that is the image's path, whatever root, working directory or mount namespace the process has. */
__noinline u32 walk_up(u64 leaf, u32 offset)
{
	struct climb climb = { .s = scratch(), .dentry = leaf, .start = offset & (TEXT - 1), .offset = offset & (TEXT - 1) };
	if (!climb.s)
		return 0;
	bpf_loop(DEPTH, climb_step, &climb, 0);
	if (!climb.done)
		bump(COUNT_TRUNCATED);
	return climb.offset - climb.start;
}

/* A file's identity.  With the parent and the name's hash in it two hard links are two files, as they must be. */
static __always_inline void identify(struct dentry *dentry, struct file_key *key)
{
	key->dev = BPF_CORE_READ(dentry, d_sb, s_dev);
	key->ino = BPF_CORE_READ(dentry, d_inode, i_ino);
	key->parent_ino = BPF_CORE_READ(dentry, d_parent, d_inode, i_ino);
	key->name = BPF_CORE_READ(dentry, d_name.hash_len);
}

static __always_inline void describe(struct sight *sight, struct dentry *dentry)
{
	identify(dentry, &sight->file);
	sight->mode = BPF_CORE_READ(dentry, d_inode, i_mode);
	sight->unhashed = !BPF_CORE_READ(dentry, d_hash.pprev) && BPF_CORE_READ(dentry, d_parent) != dentry;
}

static __always_inline struct file *file_of(u32 fd)
{
	struct fdtable *table = bpf_get_current_task_btf()->files->fdt;
	struct file *file = NULL;
	if (fd >= table->max_fds)
		return NULL;
	bpf_probe_read_kernel(&file, sizeof(file), table->fd + fd);
	return file;
}

struct mix { struct scratch *s; u64 one, two; u32 length; };

/* One step of hash_text: 32 bytes. */
static long mix_step(u32 step, struct mix *mix)
{
	char *text = mix->s->text;
	u64 a = mix->one, b = mix->two;
	u32 length = mix->length, at = (step & 127) * 32;
	for (u32 word = 0; word < 4 && at < length; word++, at += 8) {
		u64 bytes = *(u64 *)&text[at];
		a = (a ^ bytes) * 0xff51afd7ed558ccdULL;
		a ^= a >> 32;
		b = (b + bytes) * 0xc4ceb9fe1a85ec53ULL;
		b ^= b >> 29;
	}
	mix->one = a;
	mix->two = b;
	return at >= length;
}

/* This CPU's scratch text[0..length) holds a string, zero padded to eight bytes: two independent 64-bit mixes of eight bytes each. The verifier
 * walks a loop of C step by step, in each program that calls this; a step of bpf_loop it walks once. */
__noinline int hash_text(u32 length, struct hash *out)
{
	struct mix mix = { .s = scratch(), .one = 0x9E3779B97F4A7C15ULL ^ length, .two = 0xC2B2AE3D27D4EB4FULL, .length = length };
	if (!mix.s || !out)
		return 0;
	bpf_loop(128, mix_step, &mix, 0);
	out->one = mix.one;
	out->two = mix.two;
	return 0;
}
#endif
