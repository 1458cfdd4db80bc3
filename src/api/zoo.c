/* The zoo: where is the chip or network that a user calls by name?
 *
 * Folders in order: $HEDDLE_ZOO, beside the executable (build tree or installed), the installed data, the source. */
#include "api/handles.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/spelling.h"

enum { MAX_FOLDERS = 6, MAX_ENTRIES = 512, MAX_NAME = 96 };

static const char *const extensions[] = {".yaml", ".onnx"};

typedef struct folders { int count; char path[MAX_FOLDERS][HD_PATH]; } folders;
typedef struct entry { char name[MAX_NAME], path[HD_PATH]; } entry;
typedef struct entries { int count; entry item[MAX_ENTRIES]; } entries;

static void add(folders *list, const char *format, const char *base)
{
    if (!base || !*base || list->count >= MAX_FOLDERS) return;
    int n = snprintf(list->path[list->count], HD_PATH - 128, format, base);
    if (n > 0 && n < HD_PATH - 128) list->count++;
}

static void find_folders(folders *list)
{
    list->count = 0;
    add(list, "%s", getenv("HEDDLE_ZOO"));
    char self[HD_PATH];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    if (n > 0) {
        self[n] = '\0';
        char *slash = strrchr(self, '/');
        if (slash) *slash = '\0';
        add(list, "%s/../zoo", self);
        add(list, "%s/../share/heddle/zoo", self);
    }
#ifdef HD_ZOO_INSTALLED
    add(list, "%s", HD_ZOO_INSTALLED);
#endif
#ifdef HD_ZOO_SOURCE
    add(list, "%s", HD_ZOO_SOURCE);
#endif
}

static bool is_readable(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file) return false;
    bool good = fgetc(file) != EOF; /* a folder opens but does not read */
    fclose(file);
    return good;
}

static size_t stem(const char *name)
{
    size_t length = strlen(name);
    for (size_t e = 0; e < sizeof extensions / sizeof *extensions; e++) {
        size_t tail = strlen(extensions[e]);
        if (length > tail && strcmp(name + length - tail, extensions[e]) == 0) return length - tail;
    }
    return 0;
}

typedef struct guess { const char *source; int64_t least; char name[MAX_NAME + 1]; } guess;

static void visit_name(void *user, const char *name, const char *path)
{
    guess *g = user;
    int64_t slips = hd_spelling_slips(g->source, name);
    (void)path;
    if (slips >= g->least) return;
    g->least = slips;
    snprintf(g->name, sizeof g->name, "%s", name);
}

/* What stands at the path, where something does, that is no file of ours. */
static hd_status not_found(const char *folder, const char *source, hd_error *err)
{
    bool chip = strcmp(folder, "arch") == 0;
    const char *what = chip ? "a chip" : "a network";
    struct stat at;
    if (stat(source, &at) == 0) {
        const char *why = S_ISDIR(at.st_mode) ? "is a folder" : at.st_size == 0 ? "is empty" : "cannot be read";
        return hd_fail_at(err, HD_ERR_INPUT, source, 0, 0, "%s; a file of %s expected", why, what);
    }
    guess g = {.source = source, .least = hd_spelling_limit(source)};
    if (hd_zoo_each(folder, visit_name, &g, NULL) != HD_OK) g.name[0] = '\0'; /* a hint, no more */
    return hd_fail(err, HD_ERR_USAGE, "no %s '%s': it is neither a file that can be read nor a name of the zoo%s%s%s; "
                   "`heddle list %s` shows the names%s", chip ? "chip" : "network", source, g.name[0] ? " (did you mean " : "",
                   g.name, g.name[0] ? "?)" : "", chip ? "archs" : "nets",
                   chip ? "" : "; an operator is written as matmul(M=64,N=32,K=48)");
}

hd_status hd_zoo_find(const char *folder, const char *source, char out[HD_PATH], hd_error *err)
{
    if (strlen(source) >= HD_PATH) return hd_fail(err, HD_ERR_USAGE, "the path is longer than %d bytes", HD_PATH - 1);
    if (is_readable(source)) {
        memcpy(out, source, strlen(source) + 1);
        return HD_OK;
    }
    if (strchr(source, '/') || strlen(source) > MAX_NAME) return not_found(folder, source, err);
    folders list;
    find_folders(&list);
    for (int f = 0; f < list.count; f++) {
        for (size_t e = 0; e < sizeof extensions / sizeof *extensions; e++) {
            int n = snprintf(out, HD_PATH, "%.800s/%s/%s%s", list.path[f], folder, source, extensions[e]);
            if (n > 0 && n < HD_PATH && is_readable(out)) return HD_OK;
        }
    }
    return not_found(folder, source, err);
}

static bool has(const entries *all, const char *name, size_t length)
{
    for (int i = 0; i < all->count; i++)
        if (strncmp(all->item[i].name, name, length) == 0 && all->item[i].name[length] == '\0') return true;
    return false;
}

static void collect(entries *all, const char *base, const char *folder)
{
    char path[HD_PATH];
    snprintf(path, sizeof path, "%.900s/%s", base, folder);
    DIR *dir = opendir(path);
    if (!dir) return;
    for (struct dirent *found = readdir(dir); found && all->count < MAX_ENTRIES; found = readdir(dir)) {
        size_t length = stem(found->d_name);
        if (length == 0 || length >= MAX_NAME || has(all, found->d_name, length)) continue;
        entry *item = &all->item[all->count];
        memcpy(item->name, found->d_name, length);
        item->name[length] = '\0';
        int n = snprintf(item->path, sizeof item->path, "%.900s/%.110s", path, found->d_name);
        if (n > 0 && n < HD_PATH) all->count++;
    }
    closedir(dir);
}

static int by_name(const void *a, const void *b) { return strcmp(((const entry *)a)->name, ((const entry *)b)->name); }

hd_status hd_zoo_each(const char *folder, void (*visit)(void *user, const char *name, const char *path), void *user,
                      hd_error *err)
{
    entries *all = calloc(1, sizeof *all);
    if (!all) return hd_fail_memory(err);
    folders list;
    find_folders(&list);
    for (int f = 0; f < list.count; f++) collect(all, list.path[f], folder);
    qsort(all->item, (size_t)all->count, sizeof *all->item, by_name);
    for (int i = 0; i < all->count; i++) visit(user, all->item[i].name, all->item[i].path);
    free(all);
    return HD_OK;
}
