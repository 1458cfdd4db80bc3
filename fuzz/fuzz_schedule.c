/* Schedules: does writing what was read, reading that and writing again give the same bytes? */
#include <string.h>

#include "formats/heddle/schedule_yaml.h"
#include "fuzz.h"

static void check(const hd_schedule *s) {
    hd_error err = {0};
    for (int l = 0; l < s->network->layers; l++) {
        fuzz_expect(hd_operator_check(&s->network->layer[l].op, &err) == HD_OK, err.message);
        fuzz_expect(s->layer[l].same_as < l, "a layer that equals a later one");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    hd_error err = {0};
    hd_schedule *first = NULL, *second = NULL;
    hd_text once, twice;
    if (!fuzz_read_well(hd_schedule_read((const char *)data, size, FUZZ_FILE, &first, &err), &err, FUZZ_FILE))
        return 0;
    check(first);
    hd_text_init(&once, NULL, 0);
    hd_text_init(&twice, NULL, 0);
    fuzz_expect(hd_schedule_write(first, &once, &err) == HD_OK, err.message);
    fuzz_expect(hd_schedule_read(once.data, once.length, "written", &second, &err) == HD_OK, err.message);
    fuzz_expect(hd_schedule_write(second, &twice, &err) == HD_OK, err.message);
    fuzz_expect(strcmp(once.data, twice.data) == 0, "a schedule that does not come back");
    hd_schedule_free(first);
    hd_schedule_free(second);
    hd_text_free(&once);
    hd_text_free(&twice);
    return 0;
}
