/* Which roles does a file speak of? */
#include "formats/heddle/roles.h"

static unsigned role_bit(const hd_node *node) {
    for (int r = 0; r < HD_ROLES; r++)
        if (hd_node_is(node, hd_role_name((hd_role)r))) return HD_ROLE_BIT(r);
    return 0;
}

unsigned hd_roles_of_key(const hd_node *map, const hd_node *key, bool exact) {
    unsigned bit = role_bit(key);
    bool follows = bit == HD_ROLE_BIT(HD_I) && !exact && !hd_node_get(map, hd_role_name(HD_I2));
    return follows ? bit | HD_ROLE_BIT(HD_I2) : bit;
}

hd_status hd_roles_read(const hd_node *list, const char *what, bool exact, unsigned *out, hd_error *err) {
    char shown[HD_NODE_SHOWN];
    unsigned roles = 0;
    HD_TRY(hd_node_expect(list, HD_NODE_LIST, what, err));
    for (int i = 0; i < list->items; i++) {
        unsigned bit = role_bit(list->item[i]);
        if (!bit)
            return hd_node_fail(list->item[i], err, "%s: found %s, expected a role: W, I, O or I2", what,
                                hd_node_shown(list->item[i], shown));
        if (roles & bit)
            return hd_node_fail(list->item[i], err, "%s: found %s twice", what,
                                hd_node_shown(list->item[i], shown));
        roles |= bit;
    }
    if (!exact && (roles & HD_ROLE_BIT(HD_I))) roles |= HD_ROLE_BIT(HD_I2);
    *out = roles;
    return HD_OK;
}

void hd_roles_write(hd_text *text, unsigned roles) {
    const char *between = "";
    hd_text_append(text, "[");
    for (int r = 0; r < HD_ROLES; r++) {
        if (!(roles & HD_ROLE_BIT(r))) continue;
        hd_text_format(text, "%s%s", between, hd_role_name((hd_role)r));
        between = ", ";
    }
    hd_text_append(text, "]");
}
