/*
 * Draws text as a QR code, with the quiet zone around it.  Pure.
 */

#ifndef QR_IMAGE_H
#define QR_IMAGE_H


/*
 * The code as an SVG document: dark on light, without scripts, styles or
 * references, and without the text itself.  The caller frees it by free();
 * NULL when the text is empty or too long for a code, or memory is short.
 */
char *qr_image_svg(const char *text);

/*
 * The same for a terminal: lines of half blocks in UTF-8, each with the
 * escapes (ECMA-48) that make it black on white whatever the terminal's own
 * colours are.
 */
char *qr_image_text(const char *text);


#endif /* QR_IMAGE_H */
