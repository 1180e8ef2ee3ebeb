/*
 * What WhatsApp limits of new chats: WAWebReachoutTimelockUtils and
 * WAWebIndividualNewChatMessageCappingLimitUtils, read in 2.3000.1044822804. A
 * chat is new as long as it has no token of the other side.
 */

import { define } from './define.mjs';
import { Cmd } from './bus.mjs';
import { link } from './link.mjs';

/* {timelock, capped} */
let limits = {};


function hasToken({ chat, contact }) {
    return !contact.id.isUser() || contact.id.isBot()
           || Boolean(chat && chat.getTcToken());
}


export function defineLimits() {
    link.on('frame:linked', (frame) => {
        limits = frame.limits;
    });
    link.on('frame:limits', (frame) => {
        limits = frame.limits;
        Cmd[frame.method]();
    });

    define('WAWebReachoutTimelockUtils', {
        isUserReachoutTimelocked: () => Boolean(limits.timelock),
        canSendMsgWhileTimelocked: (ends) => !limits.timelock
                                             || hasToken(ends),
    });
    define('WAWebIndividualNewChatMessageCappingLimitUtils', {
        isUserCapped: () => Boolean(limits.capped),
        canSendMsgWhileCapped: (ends) => hasToken(ends),
    });
}
