/*
 * Draws QR codes, which libqrencode makes.
 */

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <qrencode.h>

#include "api/qr_image.h"


/* modules of the quiet zone on each side (ISO/IEC 18004) */

#define QR_IMAGE_QUIET  4

/* bytes of a text: WhatsApp's have about 300, a QR code has room for 2953 */

#define QR_IMAGE_MAX    2048

/* bytes of the SVG without its path, and of one run of dark modules */

#define QR_IMAGE_FRAME  512
#define QR_IMAGE_RUN    sizeof("M177 177h177v1h-177z")

/*
 * Black on white from the cube of 256 colours: themes of terminals change only
 * the 16 basic colours
 */

#define QR_IMAGE_BEGIN  "\033[30;47m\033[38;5;16;48;5;231m"
#define QR_IMAGE_END    "\033[0m\n"


static QRcode *qr_image_encode(const char *text);
static bool qr_image_dark(const QRcode *code, int x, int y);
static char *qr_image_row(const QRcode *code, int y, char *p);


char *
qr_image_svg(const char *text)
{
    int      y, size;
    char    *svg, *p;
    size_t   room;
    QRcode  *code;

    code = qr_image_encode(text);

    if (code == NULL) {
        return NULL;
    }

    size = code->width + 2 * QR_IMAGE_QUIET;

    /* a row has at most one run for every two modules */

    room = QR_IMAGE_FRAME + QR_IMAGE_RUN * (size_t) code->width
                            * (size_t) (code->width / 2 + 1);
    svg = malloc(room);

    if (svg == NULL) {
        QRcode_free(code);
        return NULL;
    }

    p = svg + snprintf(svg, QR_IMAGE_FRAME,
                       "<svg xmlns=\"http://www.w3.org/2000/svg\" "
                       "viewBox=\"0 0 %d %d\" shape-rendering=\"crispEdges\" "
                       "role=\"img\"><title>QR code that links "
                       "WhatsApp</title>"
                       "<path fill=\"#fff\" d=\"M0 0h%dv%dh-%dz\"/>"
                       "<path fill=\"#000\" d=\"",
                       size, size, size, size, size);

    for (y = 0; y < code->width; y++) {
        p = qr_image_row(code, y, p);
    }

    (void) strcpy(p, "\"/></svg>\n");

    QRcode_free(code);

    return svg;
}


char *
qr_image_text(const char *text)
{
    int      x, y, size;
    char    *picture, *p;
    size_t   line;
    QRcode  *code;

    /* the index is 1 for a dark upper module, plus 2 for a dark lower one */

    static const char *const  blocks[] = {
        " ", "\xe2\x96\x80", "\xe2\x96\x84", "\xe2\x96\x88"
    };

    code = qr_image_encode(text);

    if (code == NULL) {
        return NULL;
    }

    size = code->width + 2 * QR_IMAGE_QUIET;
    line = sizeof(QR_IMAGE_BEGIN) + sizeof(QR_IMAGE_END) + 3 * (size_t) size;
    picture = malloc(line * (size_t) (size / 2 + 1) + 1);

    if (picture == NULL) {
        QRcode_free(code);
        return NULL;
    }

    p = picture;

    for (y = -QR_IMAGE_QUIET; y < size - QR_IMAGE_QUIET; y += 2) {

        p = stpcpy(p, QR_IMAGE_BEGIN);

        for (x = -QR_IMAGE_QUIET; x < size - QR_IMAGE_QUIET; x++) {
            p = stpcpy(p, blocks[qr_image_dark(code, x, y)
                                 + 2 * qr_image_dark(code, x, y + 1)]);
        }

        p = stpcpy(p, QR_IMAGE_END);
    }

    QRcode_free(code);

    return picture;
}


static QRcode *
qr_image_encode(const char *text)
{
    size_t  len;

    len = strlen(text);

    if (len == 0 || len > QR_IMAGE_MAX) {
        return NULL;
    }

    /* a screen hides no part of a code: the least correction is enough */

    return QRcode_encodeString(text, 0, QR_ECLEVEL_L, QR_MODE_8, 1);
}


/* modules outside of the code are light */

static bool
qr_image_dark(const QRcode *code, int x, int y)
{
    if (x < 0 || y < 0 || x >= code->width || y >= code->width) {
        return false;
    }

    return (code->data[y * code->width + x] & 1) != 0;
}


/* writes a row's dark modules as rectangles; returns the end of the text */

static char *
qr_image_row(const QRcode *code, int y, char *p)
{
    int  x, from;

    for (x = 0; x < code->width; x++) {

        if (!qr_image_dark(code, x, y)) {
            continue;
        }

        from = x;

        while (qr_image_dark(code, x + 1, y)) {
            x++;
        }

        p += sprintf(p, "M%d %dh%dv1h-%dz", from + QR_IMAGE_QUIET,
                     y + QR_IMAGE_QUIET, x + 1 - from, x + 1 - from);
    }

    return p;
}
