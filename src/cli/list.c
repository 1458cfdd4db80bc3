/* `heddle list`: what there is. */
#include <stdio.h>
#include <string.h>

#include "cli/command.h"

static const cli_option options[] = {CLI_COMMON};

static const char *const kinds[] = {"nets", "archs", "solvers", "models", "formats", "options", "settings", "libraries"};
enum { KINDS = sizeof kinds / sizeof *kinds };

typedef struct lister { FILE *json; bool print; int items; } lister;

static void visit(void *user, const hd_item *item)
{
    lister *l = user;
    bool file = strcmp(item->kind, "nets") == 0 || strcmp(item->kind, "archs") == 0; /* their detail is a path */
    const char *more = file ? "" : item->detail;
    if (l->print) printf("  %-22s %s%s%s%s\n", item->name, item->title, *item->title && *more ? " (" : "", more,
                         *item->title && *more ? ")" : "");
    if (l->json) {
        char name[300], title[1200], kind[64], detail[1200];
        cli_json_string(more, detail, sizeof detail);
        cli_json_string(item->name, name, sizeof name);
        cli_json_string(item->title, title, sizeof title);
        cli_json_string(item->kind, kind, sizeof kind);
        fprintf(l->json, "%s\n    {\"kind\": %s, \"name\": %s, \"title\": %s, \"detail\": %s}", l->items ? "," : "", kind,
                name, title, detail);
    }
    l->items++;
}

static bool wanted(const cli_values *values, const char *kind)
{
    if (values->arguments == 0) return true;
    for (const char *word = values->argument[0]; *word;) {
        size_t length = strcspn(word, ",");
        if (strlen(kind) == length && strncmp(word, kind, length) == 0) return true;
        word += length + (word[length] == ',');
    }
    return false;
}

static bool is_known(const char *words)
{
    for (const char *word = words; *word;) {
        size_t length = strcspn(word, ",");
        bool known = false;
        for (int k = 0; k < KINDS; k++)
            known = known || (strlen(kinds[k]) == length && strncmp(kinds[k], word, length) == 0);
        if (!known) return false;
        word += length + (word[length] == ',');
    }
    return *words != '\0';
}

static int run(const cli_values *values)
{
    if (values->arguments > 0 && !is_known(values->argument[0])) {
        fprintf(stderr, "heddle list: '%s': words of nets,archs,solvers,models,formats,options,settings,libraries expected\n",
                values->argument[0]);
        return CLI_USAGE;
    }
    hd_error err = {0};
    hd_context *context = NULL;
    bool standard = values->json && strcmp(values->json, "-") == 0;
    lister l = {.print = !values->quiet && !standard};
    hd_status status = cli_json_open(values, &l.json, &err);
    if (status != HD_OK) return cli_fail(&err);
    status = cli_context(values, &context, &err);
    if (l.json) fprintf(l.json, "{\n  \"heddle\": \"list/1\",\n  \"items\": [");
    for (int k = 0; k < KINDS && status == HD_OK; k++) {
        if (!wanted(values, kinds[k])) continue;
        if (l.print) printf("%s\n", kinds[k]);
        status = hd_catalogue(context, kinds[k], visit, &l, &err);
    }
    if (l.json) fprintf(l.json, "\n  ]\n}\n");
    int code = status == HD_OK ? CLI_OK : cli_fail(&err);
    if (cli_json_close(values, l.json, &err) != HD_OK) code = cli_fail(&err);
    hd_context_free(context);
    return code;
}

const cli_command cli_list_command = {
    "list", "heddle list [nets,archs,solvers,models,formats,options,settings,libraries]", "what there is", 0, 1, options, run,
};
