/* Chips: is what was read whole, and does it come back equal from what is written? */
#include "formats/heddle/arch_yaml.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    hd_error err = {0};
    hd_arch arch, back;
    hd_text text;
    if (!fuzz_read_well(hd_arch_read((const char *)data, size, FUZZ_FILE, &arch, &err), &err, FUZZ_FILE))
        return 0;
    hd_text_init(&text, NULL, 0);
    hd_arch_write(&arch, 0, &text);
    fuzz_expect(hd_text_check(&text, &err) == HD_OK, "a chip that cannot be written");
    fuzz_expect(hd_arch_read(text.data, text.length, "written", &back, &err) == HD_OK, err.message);
    fuzz_expect(arch.hash == back.hash, "a written chip that differs from the one read");
    hd_text_free(&text);
    return 0;
}
