/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Included once for each light skeleton, with VARIANT and SKELETON set: the same two functions over another generated struct. */
#define GLUE2(a, b) a##b
#define GLUE(a, b) GLUE2(a, b)
#define SKEL(suffix) GLUE(SKELETON, suffix)

static int GLUE(open_, VARIANT)(struct sensor *sensor, const struct sizes *sizes)
{
	struct SKELETON *skeleton = SKEL(__open)();
	if (!skeleton)
		return -ENOMEM;
	skeleton->maps.names.max_entries = sizes->names;
	skeleton->maps.files.max_entries = sizes->files;
	skeleton->maps.ring.max_entries = sizes->ring;
	skeleton->rodata->max_text = sizes->text;
	int error = SKEL(__load)(skeleton);
	if (error) {
		SKEL(__destroy)(skeleton);
		return error;
	}
	*sensor = (struct sensor){
		.names = skeleton->maps.names.map_fd, .files = skeleton->maps.files.map_fd, .endpoints = skeleton->maps.endpoints.map_fd,
		.armed = skeleton->maps.armed.map_fd, .attached = skeleton->maps.attached.map_fd, .inside = skeleton->maps.inside.map_fd, .scopes = skeleton->maps.scopes.map_fd, .counters = skeleton->maps.counters.map_fd,
		.executables = skeleton->maps.executables.map_fd, .cwds = skeleton->maps.cwds.map_fd, .asked = skeleton->maps.asked.map_fd,
		.ring = skeleton->maps.ring.map_fd, .ring_size = sizes->ring, .max_names = sizes->names, .max_files = sizes->files, .max_endpoints = ENDPOINTS, .state = &skeleton->bss->state, .sent_text = &skeleton->bss->sent_text,
		.programs = (int *)&skeleton->progs, .program_count = sizeof(skeleton->progs) / sizeof(int),
		.take = { skeleton->progs.take_process.prog_fd, skeleton->progs.take_mapping.prog_fd, skeleton->progs.take_file.prog_fd },
		.links = (int *)&skeleton->links, .variant = GLUE_TEXT(VARIANT), .skeleton = skeleton,
	};
	return 0;
}

static int GLUE(attach_, VARIANT)(struct sensor *sensor) { return SKEL(__attach)(sensor->skeleton); }

#undef SKEL
#undef GLUE
#undef GLUE2
#undef VARIANT
#undef SKELETON
