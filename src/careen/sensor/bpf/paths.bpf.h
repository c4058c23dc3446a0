/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* From kernel objects to keys and strings. */
#ifndef CAREEN_PATHS_H
#define CAREEN_PATHS_H

#define DEPTH 96

/* Functions that are not static are verified once, by themselves, and not again for every caller: that is what keeps the programs below the
 * verifier's limit of a million steps.  Such a function takes kernel pointers as numbers. */
#define dentry_at(address) ((struct dentry *)(address))

/* Write the names from a dentry up to the root of its *file system*, leaf first, each with its NUL, at offset in this CPU's scratch text;
 * return their length.  For an overlay that is the image's path, whatever root, working directory or mount namespace the process has. */
__noinline u32 walk_up(u64 leaf, u32 offset)
{
	struct scratch *s = scratch();
	struct dentry *dentry = dentry_at(leaf);
	u32 start = offset & (TEXT - 1);
	if (!s)
		return 0;
	offset = start;
	for (int i = 0; i <= DEPTH; i++) {
		struct dentry *up = BPF_CORE_READ(dentry, d_parent);
		if (up == dentry && i > 0)
			break;
		if (i == DEPTH) {
			bump(COUNT_TRUNCATED);
			break;
		}
		offset &= TEXT - 1;
		long length = bpf_probe_read_kernel_str(&s->text[offset], 256, BPF_CORE_READ(dentry, d_name.name));
		if (length <= 0) {
			bump(COUNT_TRUNCATED);
			break;
		}
		if (up == dentry) { /* "/" adds nothing; memfd:x and pipe:[1] are their own root */
			offset += length == 2 && s->text[offset] == '/' ? 0 : length & 0x1ff;
			break;
		}
		offset += length & 0x1ff;
		if (offset > start + 4095 || offset > TEXT - 1) {
			bump(COUNT_TRUNCATED);
			break;
		}
		dentry = up;
	}
	return offset - start;
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

/* text[0..length) holds a string, zero padded to eight bytes: two independent 64-bit mixes, eight bytes a step. */
static __always_inline void hash(struct scratch *s, u32 length, struct name_key *key)
{
	u64 a = 0x9E3779B97F4A7C15ULL ^ length, b = 0xC2B2AE3D27D4EB4FULL;
	for (u32 i = 0; i < 512; i++) {
		if (i * 8 >= length)
			break;
		u64 word = *(u64 *)&s->text[i * 8];
		a = (a ^ word) * 0xff51afd7ed558ccdULL;
		a ^= a >> 32;
		b = (b + word) * 0xc4ceb9fe1a85ec53ULL;
		b ^= b >> 29;
	}
	key->hash1 = a;
	key->hash2 = b;
}
#endif
