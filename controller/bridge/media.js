'use strict';

/*
 * Messages with a file. The controller puts the file into an input element,
 * so that its bytes never pass through a call.
 */
(function () {
    const tools = window.__whatsappControllerTools;

    /* a frame */
    if (!tools) {
        return;
    }

    const {
        Failure, demand, isText, judge, limits, moduleOf, textOr, verdict,
        watch, within,
    } = tools;

    /* ms that WhatsApp Web may take to read a file; wa-js would wait on */
    const PREPARE_TIMEOUT = 120000;

    /* ms without a byte after which an upload is given up, and for its end */
    const STALL_TIME = 30000;
    const STALL_POLL = 1000;
    const CANCEL_TIMEOUT = 5000;
    const UPLOADED = ['UPLOADED', 'EXISTS'];

    /* what WhatsApp Web says of a file that was not uploaded whole */
    const NOT_UPLOADED = ['ERROR_UPLOAD', 'ERROR_CANCELLED', 'ERROR_EXPIRED'];

    const KINDS = ['image', 'video', 'audio', 'document', 'sticker'];
    const MIME_TYPE = /^[\w.+-]+\/[\w.+-]+(;.{0,100})?$/;

    const BINDINGS = {
        send_media: [
            'chat.sendFileMessage', 'whatsapp.MediaPrep.prepRawMedia',
            'whatsapp.OpaqueData.createFromData',
        ],
    };


    /* an element for one file */
    function fileInput() {
        const input = document.createElement('input');

        input.type = 'file';

        return input;
    }

    function checkMedia({ media }) {
        demand(media && MIME_TYPE.test(media.mime_type),
               'The type of the file is missing');
        demand(isText(textOr('', media.filename), 0, limits.FILENAME_MAX),
               'The name of the file is too long');
        demand(isText(textOr('', media.caption), 0, limits.SENT_CAPTION_MAX),
               'The caption is too long');
    }

    /*
     * wa-js rejects when WhatsApp Web cannot read the file, and never ends
     * when it fails after that but before the message appears. A message that
     * has appeared is uploaded and leaves then.
     */
    async function sendMedia({ key, chat, type, media }, options, file) {
        demand(file instanceof File, 'There is no file');

        let copy = null;
        let onTaken;
        const taken = new Promise((resolve) => {
            onTaken = resolve;
        });
        const unwatch = watch((msg) => String(msg.id) === key, (msg) => {
            copy = msg;
            onTaken();
        });

        try {
            const sending = window.WPP.chat.sendFileMessage(
                chat, named(file, type, media), {
                    ...options,
                    type,
                    caption: textOr('', media.caption) || undefined,
                    isPtt: type === 'audio' && media.voice === true,
                });

            await within(PREPARE_TIMEOUT, Promise.race([sending, taken]),
                         'unknown');

            return judgeMedia(await uploaded(sending, copy));

        } catch (e) {
            throw e instanceof Failure || copy || isRefusal(e)
                ? e : new Failure('media_invalid',
                                  'WhatsApp Web cannot read this file');
        } finally {
            unwatch();
        }
    }

    /*
     * The file as a picture of the account or of a group; wa-js makes smaller
     * ones of it, and has no error of its own for what it cannot read.
     */
    async function pictureOf(file, { mime_type: type }) {
        const image = new File([file], 'picture', { type });

        try {
            (await createImageBitmap(image)).close();
        } catch (e) {
            throw new Failure('media_invalid', 'The picture cannot be read');
        }

        return image;
    }

    /* the end of a send whose upload moves on, or was ended */
    async function uploaded(sending, msg) {
        let isOver = false;
        const end = sending.finally(() => {
            isOver = true;
        });

        end.catch(() => {});

        for (let last = '', since = Date.now(); msg && !isOver;) {
            const [stage, ...rest] = progressOf(msg);
            const now = [stage, ...rest].join();

            if (now !== last || UPLOADED.includes(stage)) {
                last = now;
                since = Date.now();

            } else if (Date.now() - since >= STALL_TIME) {
                cancel(msg);
                return within(CANCEL_TIMEOUT, end, 'unknown');
            }

            await Promise.race([end, pause(STALL_POLL)]).catch(() => {});
        }

        return end;
    }

    /* the stage of the upload, and how many bytes of it are done */
    function progressOf(msg) {
        const media = msg.mediaObject || msg.mediaData || {};

        return [media.uploadStage, media.loadedSize];
    }

    /* what is cancelled is not sent any more, and says so */
    function cancel(msg) {
        const { cancelUploadMedia } = moduleOf('WAWebMediaMmsV4Upload') || {};

        if (cancelUploadMedia && msg.mediaObject) {
            cancelUploadMedia(msg.mediaObject);
        }
    }

    function pause(ms) {
        return new Promise((resolve) => setTimeout(resolve, ms));
    }

    /* wa-js's own checks have a code */
    function isRefusal(e) {
        return Boolean(e) && typeof e.code === 'string';
    }

    /* wa-js takes name and type from the file and nowhere else */
    function named(file, type, media) {
        return new File([file], textOr('', media.filename) || type,
                        { type: media.mime_type });
    }

    /*
     * What was not uploaded was not sent. A result that comes from the send
     * itself holds the message, too.
     */
    function judgeMedia(result) {
        const { messageSendResult, msg } = result.sendMsgResult || {};

        if (NOT_UPLOADED.includes(messageSendResult) && !msg) {
            throw verdict(new Failure(
                'page_error', 'WhatsApp Web could not upload the file'));
        }

        return judge(result);
    }


    Object.assign(tools.bindings, BINDINGS);

    for (const kind of KINDS) {
        tools.types[kind] = {
            run: sendMedia, check: checkMedia, needs: 'send_media',
            holdsChat: true,
        };
    }

    Object.assign(tools, { fileInput, pictureOf });
}());
