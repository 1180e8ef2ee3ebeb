/*
 * Sealed ids: nonce, ciphertext of type and data, tag; in base64url.
 */

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include "base/base64url.h"
#include "base/seal.h"


#define SEAL_KEY    32
#define SEAL_NONCE  12
#define SEAL_TAG    16
#define SEAL_EXTRA  (SEAL_NONCE + 1 + SEAL_TAG)
#define SEAL_MAX    (SEAL_EXTRA + SEAL_DATA_MAX)


struct seal {
    uint8_t  cipher[SEAL_KEY];
    uint8_t  nonce[SEAL_KEY];
    uint8_t  hash[SEAL_KEY];
};


_Static_assert(SEAL_KEY == KEYED_HASH_SECRET, "a key is a hash's secret");
_Static_assert(BASE64URL_LEN(SEAL_MAX) < SEAL_TEXT_SIZE, "an id fits");


static bool seal_read_key(const char *path, uint8_t key[SEAL_KEY]);
static bool seal_make_key(const char *path);
static bool seal_derive(const uint8_t key[SEAL_KEY], const char *purpose,
    uint8_t out[SEAL_KEY]);
static bool seal_nonce(const struct seal *seal, enum seal_type type,
    const uint8_t *plain, size_t size, uint8_t *nonce);
static bool seal_encrypt(const struct seal *seal, uint8_t *sealed,
    const uint8_t *plain, size_t size);
static bool seal_decrypt(const struct seal *seal, uint8_t *sealed,
    size_t size, uint8_t *plain);


struct seal *
seal_create(const char *state_dir)
{
    bool          ok;
    char          path[PATH_MAX];
    uint8_t       key[SEAL_KEY];
    struct seal  *seal;

    if (snprintf(path, sizeof(path), "%s/seal.key", state_dir)
        >= (int) sizeof(path))
    {
        fprintf(stderr, "whatsapp-controller: \"%s\" is too long\n",
                state_dir);
        return NULL;
    }

    if (access(path, F_OK) != 0 && errno == ENOENT && !seal_make_key(path)) {
        return NULL;
    }

    if (!seal_read_key(path, key)) {
        return NULL;
    }

    seal = calloc(1, sizeof(struct seal));

    ok = seal != NULL
         && seal_derive(key, "whatsapp-controller seal", seal->cipher)
         && seal_derive(key, "whatsapp-controller nonce", seal->nonce)
         && seal_derive(key, "whatsapp-controller hash", seal->hash);

    OPENSSL_cleanse(key, sizeof(key));

    if (!ok) {
        fprintf(stderr, "whatsapp-controller: can't set up the sealing of "
                "ids\n");
        seal_destroy(seal);
        return NULL;
    }

    return seal;
}


void
seal_destroy(struct seal *seal)
{
    if (seal != NULL) {
        OPENSSL_cleanse(seal, sizeof(struct seal));
        free(seal);
    }
}


struct keyed_hash *
seal_hash(const struct seal *seal)
{
    return keyed_hash_create_with(seal->hash);
}


bool
seal_close(const struct seal *seal, enum seal_type type, const void *data,
    size_t size, char text[SEAL_TEXT_SIZE])
{
    bool     ok;
    uint8_t  plain[1 + SEAL_DATA_MAX], sealed[SEAL_MAX];

    if (size == 0 || size > SEAL_DATA_MAX) {
        return false;
    }

    plain[0] = (uint8_t) type;
    memcpy(plain + 1, data, size);

    ok = seal_nonce(seal, type, plain, size + 1, sealed)
         && seal_encrypt(seal, sealed, plain, size + 1);

    if (ok) {
        (void) base64url_encode(sealed, SEAL_EXTRA + size, text);
    }

    OPENSSL_cleanse(plain, sizeof(plain));

    return ok;
}


size_t
seal_open(const struct seal *seal, enum seal_type type, const char *text,
    void *data, size_t room)
{
    bool     ok;
    long     n;
    size_t   len, size;
    uint8_t  plain[SEAL_MAX], sealed[SEAL_MAX];

    len = strnlen(text, SEAL_TEXT_SIZE);

    if (len < SEAL_TEXT_MIN || len == SEAL_TEXT_SIZE) {
        return 0;
    }

    n = base64url_decode(text, len, sealed, sizeof(sealed));

    if (n <= SEAL_EXTRA) {
        return 0;
    }

    size = (size_t) n - SEAL_EXTRA;

    ok = seal_decrypt(seal, sealed, (size_t) n, plain)
         && plain[0] == (uint8_t) type && size <= room;

    if (ok) {
        memcpy(data, plain + 1, size);
    }

    OPENSSL_cleanse(plain, sizeof(plain));

    return ok ? size : 0;
}


static bool
seal_read_key(const char *path, uint8_t key[SEAL_KEY])
{
    int          fd;
    bool         ok;
    uint8_t      more;
    struct stat  st;

    fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW
                    | O_NONBLOCK);

    if (fd == -1 || fstat(fd, &st) != 0) {
        fprintf(stderr, "whatsapp-controller: can't read \"%s\": %s\n",
                path, strerror(errno));

        if (fd != -1) {
            (void) close(fd);
        }

        return false;
    }

    ok = S_ISREG(st.st_mode) && (st.st_mode & 077) == 0
         && read(fd, key, SEAL_KEY) == SEAL_KEY && read(fd, &more, 1) == 0;

    (void) close(fd);

    if (!ok) {
        fprintf(stderr, "whatsapp-controller: the key file \"%s\" must have "
                "%d bytes and mode 0600: restore it, or remove it, which ends "
                "the validity of all ids given out\n", path, SEAL_KEY);
    }

    return ok;
}


/* writes the key under another name first, so that nobody reads a part */

static bool
seal_make_key(const char *path)
{
    int      fd;
    bool     ok;
    char     new[PATH_MAX];
    uint8_t  key[SEAL_KEY];

    if (snprintf(new, sizeof(new), "%s.new", path) >= (int) sizeof(new)) {
        fprintf(stderr, "whatsapp-controller: \"%s\" is too long\n", path);
        return false;
    }

    (void) unlink(new);

    fd = open(new, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    ok = fd != -1
         && RAND_bytes(key, sizeof(key)) == 1
         && write(fd, key, sizeof(key)) == (ssize_t) sizeof(key)
         && fsync(fd) == 0
         && (link(new, path) == 0 || errno == EEXIST);

    if (!ok) {
        fprintf(stderr, "whatsapp-controller: can't make \"%s\": %s\n",
                path, strerror(errno));
    }

    OPENSSL_cleanse(key, sizeof(key));

    if (fd != -1) {
        (void) close(fd);
        (void) unlink(new);
    }

    return ok;
}


static bool
seal_derive(const uint8_t key[SEAL_KEY], const char *purpose,
    uint8_t out[SEAL_KEY])
{
    return HMAC(EVP_sha256(), key, SEAL_KEY, (const uint8_t *) purpose,
                strlen(purpose), out, NULL) != NULL;
}


/*
 * The nonce of what must have the same id each time, a group and a message,
 * is derived from it.
 */

static bool
seal_nonce(const struct seal *seal, enum seal_type type,
    const uint8_t *plain, size_t size, uint8_t *nonce)
{
    uint8_t  digest[SEAL_KEY];

    if (type != SEAL_GROUP && type != SEAL_MESSAGE) {
        return RAND_bytes(nonce, SEAL_NONCE) == 1;
    }

    if (HMAC(EVP_sha256(), seal->nonce, SEAL_KEY, plain, size, digest, NULL)
        == NULL)
    {
        return false;
    }

    memcpy(nonce, digest, SEAL_NONCE);

    return true;
}


static bool
seal_encrypt(const struct seal *seal, uint8_t *sealed, const uint8_t *plain,
    size_t size)
{
    int              n;
    bool             ok;
    uint8_t         *out;
    EVP_CIPHER_CTX  *ctx;

    ctx = EVP_CIPHER_CTX_new();

    if (ctx == NULL) {
        return false;
    }

    out = sealed + SEAL_NONCE;

    ok = EVP_EncryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, seal->cipher,
                            sealed) == 1
         && EVP_EncryptUpdate(ctx, out, &n, plain, (int) size) == 1
         && EVP_EncryptFinal_ex(ctx, out + size, &n) == 1
         && EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG, SEAL_TAG,
                                out + size) == 1;

    EVP_CIPHER_CTX_free(ctx);

    return ok;
}


/* size is that of the nonce, the ciphertext and the tag together */

static bool
seal_decrypt(const struct seal *seal, uint8_t *sealed, size_t size,
    uint8_t *plain)
{
    int              n;
    bool             ok;
    size_t           body;
    EVP_CIPHER_CTX  *ctx;

    ctx = EVP_CIPHER_CTX_new();

    if (ctx == NULL) {
        return false;
    }

    body = size - SEAL_NONCE - SEAL_TAG;

    ok = EVP_DecryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, seal->cipher,
                            sealed) == 1
         && EVP_DecryptUpdate(ctx, plain, &n, sealed + SEAL_NONCE,
                              (int) body) == 1
         && EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_SET_TAG, SEAL_TAG,
                                sealed + SEAL_NONCE + body) == 1
         && EVP_DecryptFinal_ex(ctx, plain + body, &n) == 1;

    EVP_CIPHER_CTX_free(ctx);

    return ok;
}
