/* files.h: files that visitors bring, and files that the program makes for them.
 *
 * Each lies alone in a folder, <data>/files/<owner>/<token>/<name>: its name is the one that a person gave it, so that what opens it sees the right ending,
 * and it can say nothing but that. Outside it is known by its id, owner and token, which nobody can guess; a path never comes from outside. A file is there
 * whole or not at all. It goes when nobody has used it for as long as the program keeps files.
 *
 * Any thread. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_FILES_H
#define STORE_FILES_H

#include "base/base.h"

#define FILE_ID_CHARS (ID_CHARS + TOKEN_CHARS)
#define FILE_ADDRESS "_easel/f/"               /* …ID/NAME, below the program's base: where browsers get one */

typedef struct files files;

/* folder: the program's data folder. NULL: a new one among the system's temporary files, which goes with files_close. NULL with *err: it cannot be used. */
files *files_open(const char *folder, ez_err *err);
files *files_at(const char *folder);                              /* the same in another process: what files_folder said there, so that a temporary one stays that one's */
const char *files_folder(const files *f);
void   files_close(files *f);                                     /* NULL is fine */

/* Whose a file is: a hash of a session's token, or of another name. */
void files_owner(const char *who, char out[ID_CHARS + 1]);
bool files_is_id(const char *id);                                 /* it may be one */
bool files_owns(const char *owner, const char *id);

/* A file that is being written. name: as a visitor says it, so it may be anything. NULL with errno: it cannot be made. */
typedef struct file_writer file_writer;
file_writer *files_begin(files *f, const char *owner, const char *name);
bool file_add(file_writer *w, const void *bytes, size_t count);   /* false with errno, for good */
bool file_keep(file_writer *w, char id[FILE_ID_CHARS + 1]);       /* it is there now; false with errno: it is not. w is gone */
void file_drop(file_writer *w);

/* A whole one. The same bytes under the same name have the same id, and are written once. */
bool files_put(files *f, const char *owner, const char *name, const void *bytes, size_t count, char id[FILE_ID_CHARS + 1]);
/* One that is made of something else: who has the SHA-256 of its source can ask whether it was put before, and need not make it again. */
bool files_known(files *f, const char *owner, const char *name, const unsigned char source[32], char id[FILE_ID_CHARS + 1]);
bool files_put_made(files *f, const char *owner, const char *name, const unsigned char source[32], const void *bytes, size_t count, char id[FILE_ID_CHARS + 1]);
/* One that lies elsewhere, or here already. It is copied, unless it is here, or was copied and has not changed since. False with errno. */
bool files_take(files *f, const char *owner, const char *path, const char *name, char id[FILE_ID_CHARS + 1]);

/* In the arena. NULL: there is none, or no more. It counts as used. */
const ez_file *files_find(files *f, arena *a, const char *id);

/* Deletes what was not used for so long, and of an owner who holds more than `most` bytes what was not used longest. */
void files_sweep(files *f, double seconds, uint64_t most);

/* By a name's ending; "application/octet-stream" when it says nothing. */
const char *files_type(const char *name);
/* A browser may show it within a page of the program, as it can hold no script. */
bool files_shows(const char *type);

#endif
