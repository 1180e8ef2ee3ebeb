/*
 * What wa-js binds or wraps while it starts, but what no call of the bridge
 * ever reaches. Without these names its console would be full of errors, in
 * which a real one would be lost.
 */

import { define } from './define.mjs';
import { Collection, Model } from './model.mjs';

/* what each takes, as far as that could be read: 0 if not */
const FUNCTIONS = {
    WAMd5: { md5: 0, md5ArrayBufferHex: 1 },
    WAWebApiChat: { createChatRecord: 2 },
    WAWebBackendJobsCommon: {
        encodeMaybeMediaType: 0, mediaTypeFromProtobuf: 1,
    },
    WAWebBizLabelUtils: {
        addToLabelCollection: 3, createLabelItemId: 3,
        getParentCollection: 1, initializeLabels: 1,
        removeLabelFromCollection: 3,
    },
    WAWebChatGetters: { getHasUnread: 0 },
    WAWebChatPinBridge: { getNumConversationsPinned: 1 },
    WAWebChatSearchFilters: {
        isFilterExcludedFromSearchTreatmentInInboxFlow: 1,
    },
    WAWebContactGetters: {
        getCanRequestPhoneNumber: 0, getIsBroadcast: 0,
        getIsDisplayNameApproved: 0, getIsGroup: 0, getIsIAS: 0,
        getIsMe: 0, getIsNewsletter: 0, getIsPSA: 0,
        getIsSupportAccount: 0, getIsUser: 0, getIsWAContact: 0,
        getNotifyName: 0, getPremiumMessageName: 0,
        getShouldForceBusinessUpdate: 0,
        getShowBusinessCheckmarkAsPrimary: 0,
        getShowBusinessCheckmarkAsSecondary: 0,
        getShowBusinessCheckmarkInChatlist: 0, getUserid: 0,
    },
    WAWebE2EProtoGenerator: { createMsgProtobuf: 2 },
    WAWebE2EProtoUtils: { typeAttributeFromProtobuf: 2 },
    WAWebFrontendChatGetters: {
        getPreviewMessage: 0, getShouldAppearInList: 0,
        getShouldShowUnreadDivider: 0,
        getShowChangeNumberNotification: 0,
    },
    WAWebFrontendContactGetters: {
        getDisplayName: 0, getFormattedName: 0,
        getFormattedShortName: 0,
        getFormattedShortNameWithNonBreakingSpaces: 0,
        getFormattedUser: 0, getFormattedUsernameOrPhone: 0,
        getHeader: 0, getIsMyContact: 0, getPhoneNumber: 0,
        getPnForLid: 0, getSearchName: 0, getSearchVerifiedName: 0,
        getTextStatusString: 0, getUserDisplayNameForLid: 0,
    },
    WAWebGenMinimalLinkPreviewChatAction: { genMinimalLinkPreview: 4 },
    WAWebHandleStatusReceipt: { handleStatusSimpleReceipt: 1 },
    WAWebImageUtils: { generateVideoThumbsAndDuration: 1, rotateAndResize: 4 },
    WAWebMsgGetters: { getIsUnreadType: 0 },
    WAWebPrimaryFeatures: { primaryFeatureEnabled: 1 },
    WAWebSendMsgCreateFanoutStanza: { createFanoutMsgStanza: 1 },
    WAWebEncryptAndSendStatusMsg: { encryptAndSendStatusMsg: 1 },
    WAWebSendMsgJob: { encryptAndSendMsg: 3 },
    WAWebUpdateDbForGroupActionApi: { updateDBForGroupAction: 3 },
};

const COLLECTIONS = [
    'BotProfileCollection', 'LabelCollection', 'OrderCollection',
];


/* a function that takes so many arguments and does nothing */
function unused(length) {
    return Object.defineProperty(() => undefined, 'length',
                                 { value: length });
}


export function defineUnused() {
    for (const [id, names] of Object.entries(FUNCTIONS)) {
        define(id, Object.fromEntries(Object.entries(names).map(
            ([name, length]) => [name, unused(length)])));
    }

    for (const name of COLLECTIONS) {
        define(`WAWeb${name}`, { [name]: new Collection(Model) });
    }

    define('WAWebChatSearchQuery', {
        SearchQuery: class SearchQuery {
            updateLabelQuery() {}
        },
    });
    define('WAWebIsOfficialClient', { isOfficialClient: true });
    define('WAWebNetworkStatus', {
        default: Object.assign(new Model({ online: true }), {
            checkOnline: () => true,
        }),
    });
    define('WAWebNonJidMentionType', { default: { MENTION_ALL: 1 } });
}
