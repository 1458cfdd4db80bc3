/* Long multiplication and division by one limb, as by hand: see wide.h. */
#include "base/wide.h"

#include <math.h>
#include <string.h>

hd_wide hd_wide_of(uint64_t value)
{
    return (hd_wide){{(uint32_t)value, (uint32_t)(value >> 32)}};
}

void hd_wide_add(hd_wide *to, const hd_wide *more)
{
    uint64_t carry = 0;
    for (int i = 0; i < HD_WIDE_LIMBS; i++) {
        carry += (uint64_t)to->limb[i] + more->limb[i];
        to->limb[i] = (uint32_t)carry;
        carry >>= 32;
    }
}

void hd_wide_subtract(hd_wide *from, const hd_wide *less)
{
    uint64_t borrow = 0;
    for (int i = 0; i < HD_WIDE_LIMBS; i++) {
        uint64_t take = (uint64_t)less->limb[i] + borrow;
        borrow = from->limb[i] < take;
        from->limb[i] = (uint32_t)((borrow << 32) + from->limb[i] - take);
    }
}

uint64_t hd_wide_value(const hd_wide *w)
{
    for (int i = 2; i < HD_WIDE_LIMBS; i++)
        if (w->limb[i] != 0) return UINT64_MAX;
    return (uint64_t)w->limb[1] << 32 | w->limb[0];
}

/* to = to * by + more; false where a limb too many would be needed. */
static bool scale(hd_wide *to, uint32_t by, uint32_t more)
{
    uint64_t carry = more;
    for (int i = 0; i < HD_WIDE_LIMBS; i++) {
        carry += (uint64_t)to->limb[i] * by;
        to->limb[i] = (uint32_t)carry;
        carry >>= 32;
    }
    return carry == 0;
}

bool hd_wide_times(hd_wide *to, const hd_wide *by)
{
    hd_wide sum = {{0}};
    for (int i = HD_WIDE_LIMBS - 1; i >= 0; i--) { /* Horner's rule in limbs */
        if (sum.limb[HD_WIDE_LIMBS - 1] != 0) return false;
        memmove(sum.limb + 1, sum.limb, sizeof sum.limb - sizeof sum.limb[0]);
        sum.limb[0] = 0;
        hd_wide one = *to, before = sum;
        if (!scale(&one, by->limb[i], 0)) return false;
        hd_wide_add(&sum, &one);
        if (hd_wide_compare(&sum, &before) < 0) return false;
    }
    *to = sum;
    return true;
}

bool hd_wide_multiply(hd_wide *to, uint64_t by)
{
    hd_wide w = hd_wide_of(by);
    return hd_wide_times(to, &w);
}

bool hd_wide_is_zero(const hd_wide *w)
{
    for (int i = 0; i < HD_WIDE_LIMBS; i++)
        if (w->limb[i] != 0) return false;
    return true;
}

int hd_wide_compare(const hd_wide *a, const hd_wide *b)
{
    for (int i = HD_WIDE_LIMBS - 1; i >= 0; i--)
        if (a->limb[i] != b->limb[i]) return a->limb[i] < b->limb[i] ? -1 : 1;
    return 0;
}

double hd_wide_log10(const hd_wide *w)
{
    double value = 0;
    for (int i = HD_WIDE_LIMBS - 1; i >= 0; i--) value = value * 4294967296.0 + w->limb[i];
    return log10(value);
}

void hd_wide_print(const hd_wide *w, char out[HD_WIDE_DIGITS])
{
    hd_wide rest = *w;
    char digits[HD_WIDE_DIGITS];
    int n = 0;
    do {
        uint64_t left = 0;
        for (int i = HD_WIDE_LIMBS - 1; i >= 0; i--) {
            left = left << 32 | rest.limb[i];
            rest.limb[i] = (uint32_t)(left / 10);
            left %= 10;
        }
        digits[n++] = (char)('0' + left);
    } while (!hd_wide_is_zero(&rest));
    for (int i = 0; i < n; i++) out[i] = digits[n - 1 - i];
    out[n] = '\0';
}

bool hd_wide_parse(const char *text, size_t length, hd_wide *out)
{
    *out = hd_wide_of(0);
    for (size_t i = 0; i < length; i++)
        if (text[i] < '0' || text[i] > '9' || !scale(out, 10, (uint32_t)(text[i] - '0'))) return false;
    return length > 0;
}
