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
        Failure, demand, isText, judge, limits, textOr, watch, within,
    } = tools;

    /* ms that WhatsApp Web may take to read a file; wa-js would wait on */
    const PREPARE_TIMEOUT = 120000;

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
        demand(isText(textOr('', media.caption), 0, limits.CAPTION_MAX),
               'The caption is too long');
    }

    /*
     * wa-js rejects when WhatsApp Web cannot read the file, and never ends
     * when it fails after that but before the message appears.
     */
    async function sendMedia({ key, chat, type, media }, options, file) {
        demand(file instanceof File, 'There is no file');

        let isTaken = false;
        let onTaken;
        const taken = new Promise((resolve) => {
            onTaken = () => {
                isTaken = true;
                resolve();
            };
        });
        const unwatch = watch((msg) => String(msg.id) === key, onTaken);

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

            return judgeMedia(await sending);

        } catch (e) {
            throw e instanceof Failure || isTaken || isRefusal(e)
                ? e : new Failure('media_invalid',
                                  'WhatsApp Web cannot read this file');
        } finally {
            unwatch();
        }
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

    /* what was not uploaded was not sent */
    function judgeMedia(result) {
        const { sendMsgResult } = result;

        if (sendMsgResult
            && sendMsgResult.messageSendResult === 'ERROR_UPLOAD')
        {
            throw new Failure('page_error',
                              'WhatsApp Web could not upload the file');
        }

        return judge(result);
    }


    Object.assign(tools.bindings, BINDINGS);

    for (const kind of KINDS) {
        tools.types[kind] = {
            run: sendMedia, check: checkMedia, needs: 'send_media',
        };
    }

    tools.fileInput = fileInput;
}());
