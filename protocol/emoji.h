/*
 * What one emoji is, the same in module and controller: a reaction has nothing
 * beside it.  The sequences are those of Unicode's emoji (UTS #51): a base
 * with its selector, skin tone or tags, several of them joined, a flag, or a
 * key.
 *
 * Includers: the module (message/ngx_http_whatsapp_field_checks.c) and the
 * controller (calls/message_params.c).
 */

#ifndef WHATSAPP_EMOJI_H
#define WHATSAPP_EMOJI_H


#include "protocol/characters.h"


#define WHATSAPP_EMOJI_JOINER    0x200d
#define WHATSAPP_EMOJI_KEY       0x20e3
#define WHATSAPP_EMOJI_SELECTOR  0xfe0f
#define WHATSAPP_EMOJI_TAG_END   0xe007f

/* selectors and tones behind one base */

#define WHATSAPP_EMOJI_MARKS     2


/* the characters that are left to be read */

struct whatsapp_emoji_reader {
    const char  *text;
    size_t       len;
    uint32_t     code;    /* the current one, 0 at the end or for bad UTF-8 */
    size_t       size;    /* its bytes */
};


static inline void
whatsapp_emoji_next(struct whatsapp_emoji_reader *r)
{
    r->text += r->size;
    r->len -= r->size;
    r->size = r->len > 0 ? whatsapp_character(r->text, r->len, &r->code) : 0;

    if (r->size == 0) {
        r->code = 0;
    }
}


/*
 * Unicode's Extended_Pictographic and Emoji; from U+1F680 and U+1F900 on also
 * what is reserved for emoji of later versions
 */
static inline int
whatsapp_emoji_is_base(uint32_t code)
{
    size_t  i;

    static const struct {
        uint32_t  first;
        uint32_t  last;
    } ranges[] = {
        { 0x00a9, 0x00a9 }, { 0x00ae, 0x00ae }, { 0x203c, 0x203c },
        { 0x2049, 0x2049 }, { 0x2122, 0x2122 }, { 0x2139, 0x2139 },
        { 0x2194, 0x2199 }, { 0x21a9, 0x21aa }, { 0x231a, 0x231b },
        { 0x2328, 0x2328 }, { 0x23cf, 0x23cf }, { 0x23e9, 0x23f3 },
        { 0x23f8, 0x23fa }, { 0x24c2, 0x24c2 }, { 0x25aa, 0x25ab },
        { 0x25b6, 0x25b6 }, { 0x25c0, 0x25c0 }, { 0x25fb, 0x25fe },
        { 0x2600, 0x2604 }, { 0x260e, 0x260e }, { 0x2611, 0x2611 },
        { 0x2614, 0x2615 }, { 0x2618, 0x2618 }, { 0x261d, 0x261d },
        { 0x2620, 0x2620 }, { 0x2622, 0x2623 }, { 0x2626, 0x2626 },
        { 0x262a, 0x262a }, { 0x262e, 0x262f }, { 0x2638, 0x263a },
        { 0x2640, 0x2640 }, { 0x2642, 0x2642 }, { 0x2648, 0x2653 },
        { 0x265f, 0x2660 }, { 0x2663, 0x2663 }, { 0x2665, 0x2666 },
        { 0x2668, 0x2668 }, { 0x267b, 0x267b }, { 0x267e, 0x267f },
        { 0x2692, 0x2697 }, { 0x2699, 0x2699 }, { 0x269b, 0x269c },
        { 0x26a0, 0x26a1 }, { 0x26a7, 0x26a7 }, { 0x26aa, 0x26ab },
        { 0x26b0, 0x26b1 }, { 0x26bd, 0x26be }, { 0x26c4, 0x26c5 },
        { 0x26c8, 0x26c8 }, { 0x26ce, 0x26cf }, { 0x26d1, 0x26d1 },
        { 0x26d3, 0x26d4 }, { 0x26e9, 0x26ea }, { 0x26f0, 0x26f5 },
        { 0x26f7, 0x26fa }, { 0x26fd, 0x26fd }, { 0x2702, 0x2702 },
        { 0x2705, 0x2705 }, { 0x2708, 0x270d }, { 0x270f, 0x270f },
        { 0x2712, 0x2712 }, { 0x2714, 0x2714 }, { 0x2716, 0x2716 },
        { 0x271d, 0x271d }, { 0x2721, 0x2721 }, { 0x2728, 0x2728 },
        { 0x2733, 0x2734 }, { 0x2744, 0x2744 }, { 0x2747, 0x2747 },
        { 0x274c, 0x274c }, { 0x274e, 0x274e }, { 0x2753, 0x2755 },
        { 0x2757, 0x2757 }, { 0x2763, 0x2764 }, { 0x2795, 0x2797 },
        { 0x27a1, 0x27a1 }, { 0x27b0, 0x27b0 }, { 0x27bf, 0x27bf },
        { 0x2934, 0x2935 }, { 0x2b05, 0x2b07 }, { 0x2b1b, 0x2b1c },
        { 0x2b50, 0x2b50 }, { 0x2b55, 0x2b55 }, { 0x3030, 0x3030 },
        { 0x303d, 0x303d }, { 0x3297, 0x3297 }, { 0x3299, 0x3299 },
        { 0x1f004, 0x1f004 }, { 0x1f0cf, 0x1f0cf }, { 0x1f170, 0x1f171 },
        { 0x1f17e, 0x1f17f }, { 0x1f18e, 0x1f18e }, { 0x1f191, 0x1f19a },
        { 0x1f201, 0x1f202 }, { 0x1f21a, 0x1f21a }, { 0x1f22f, 0x1f22f },
        { 0x1f232, 0x1f23a }, { 0x1f250, 0x1f251 }, { 0x1f300, 0x1f321 },
        { 0x1f324, 0x1f393 }, { 0x1f396, 0x1f397 }, { 0x1f399, 0x1f39b },
        { 0x1f39e, 0x1f3f0 }, { 0x1f3f3, 0x1f3f5 }, { 0x1f3f7, 0x1f3fa },
        { 0x1f400, 0x1f4fd }, { 0x1f4ff, 0x1f53d }, { 0x1f549, 0x1f54e },
        { 0x1f550, 0x1f567 }, { 0x1f56f, 0x1f570 }, { 0x1f573, 0x1f57a },
        { 0x1f587, 0x1f587 }, { 0x1f58a, 0x1f58d }, { 0x1f590, 0x1f590 },
        { 0x1f595, 0x1f596 }, { 0x1f5a4, 0x1f5a5 }, { 0x1f5a8, 0x1f5a8 },
        { 0x1f5b1, 0x1f5b2 }, { 0x1f5bc, 0x1f5bc }, { 0x1f5c2, 0x1f5c4 },
        { 0x1f5d1, 0x1f5d3 }, { 0x1f5dc, 0x1f5de }, { 0x1f5e1, 0x1f5e1 },
        { 0x1f5e3, 0x1f5e3 }, { 0x1f5e8, 0x1f5e8 }, { 0x1f5ef, 0x1f5ef },
        { 0x1f5f3, 0x1f5f3 }, { 0x1f5fa, 0x1f64f }, { 0x1f680, 0x1f6ff },
        { 0x1f7e0, 0x1f7eb }, { 0x1f7f0, 0x1f7f0 }, { 0x1f90c, 0x1f93a },
        { 0x1f93c, 0x1f945 }, { 0x1f947, 0x1faff }
    };

    for (i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
        if (code >= ranges[i].first && code <= ranges[i].last) {
            return 1;
        }
    }

    return 0;
}


static inline int
whatsapp_emoji_is_region(uint32_t code)
{
    return code >= 0x1f1e6 && code <= 0x1f1ff;
}


/* two letters of a flag, or a key with its frame; else nothing is read */

static inline int
whatsapp_emoji_read_pair(struct whatsapp_emoji_reader *r)
{
    if (whatsapp_emoji_is_region(r->code)) {
        whatsapp_emoji_next(r);

        if (!whatsapp_emoji_is_region(r->code)) {
            return 0;
        }

    } else {
        whatsapp_emoji_next(r);

        if (r->code == WHATSAPP_EMOJI_SELECTOR) {
            whatsapp_emoji_next(r);
        }

        if (r->code != WHATSAPP_EMOJI_KEY) {
            return 0;
        }
    }

    whatsapp_emoji_next(r);

    return 1;
}


/* a base with what belongs to it */

static inline int
whatsapp_emoji_read_base(struct whatsapp_emoji_reader *r)
{
    int  marks, tags;

    if (!whatsapp_emoji_is_base(r->code)) {
        return 0;
    }

    whatsapp_emoji_next(r);

    for (marks = 0;
         marks < WHATSAPP_EMOJI_MARKS
         && (r->code == WHATSAPP_EMOJI_SELECTOR
             || (r->code >= 0x1f3fb && r->code <= 0x1f3ff));
         marks++)
    {
        whatsapp_emoji_next(r);
    }

    for (tags = 0; r->code >= 0xe0020 && r->code <= 0xe007e; tags++) {
        whatsapp_emoji_next(r);
    }

    if (tags > 0) {
        if (r->code != WHATSAPP_EMOJI_TAG_END) {
            return 0;
        }

        whatsapp_emoji_next(r);
    }

    return 1;
}


/* Returns whether a text of len bytes is one emoji and nothing else. */
static inline int
whatsapp_emoji_is_one(const char *text, size_t len)
{
    struct whatsapp_emoji_reader  r;

    r.text = text;
    r.len = len;
    r.size = 0;

    whatsapp_emoji_next(&r);

    if (whatsapp_emoji_is_region(r.code) || r.code == '#' || r.code == '*'
        || (r.code >= '0' && r.code <= '9'))
    {
        return whatsapp_emoji_read_pair(&r) && r.len == 0;
    }

    while (whatsapp_emoji_read_base(&r)) {

        if (r.len == 0) {
            return 1;
        }

        if (r.code != WHATSAPP_EMOJI_JOINER) {
            return 0;
        }

        whatsapp_emoji_next(&r);
    }

    return 0;
}


#endif /* WHATSAPP_EMOJI_H */
