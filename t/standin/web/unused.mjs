/*
 * What wa-js binds or wraps while it starts, but what no call of the bridge
 * ever reaches. Without these names its console would be full of errors, in
 * which a real one would be lost.
 */

import { define } from './define.mjs';
import { Collection, Model } from './model.mjs';

const FUNCTIONS = {
    WAMd5: ['md5', 'md5ArrayBufferHex'],
    WAWebApiChat: ['createChatRecord'],
    WAWebBackendJobsCommon: ['encodeMaybeMediaType', 'mediaTypeFromProtobuf'],
    WAWebBizLabelUtils: [
        'addToLabelCollection', 'createLabelItemId', 'getParentCollection',
        'initializeLabels', 'removeLabelFromCollection',
    ],
    WAWebChatGetters: ['getHasUnread'],
    WAWebChatPinBridge: ['getNumConversationsPinned'],
    WAWebChatSearchFilters: [
        'isFilterExcludedFromSearchTreatmentInInboxFlow',
    ],
    WAWebContactGetters: [
        'getCanRequestPhoneNumber', 'getIsBroadcast',
        'getIsDisplayNameApproved', 'getIsGroup', 'getIsIAS', 'getIsMe',
        'getIsNewsletter', 'getIsPSA', 'getIsSupportAccount', 'getIsUser',
        'getIsWAContact', 'getNotifyName', 'getPremiumMessageName',
        'getShouldForceBusinessUpdate', 'getShowBusinessCheckmarkAsPrimary',
        'getShowBusinessCheckmarkAsSecondary',
        'getShowBusinessCheckmarkInChatlist', 'getUserid',
    ],
    WAWebDBPollsUpsertVotes: ['upsertVotesDb'],
    WAWebE2EProtoGenerator: ['createMsgProtobuf'],
    WAWebE2EProtoUtils: ['typeAttributeFromProtobuf'],
    WAWebFrontendChatGetters: [
        'getPreviewMessage', 'getShouldAppearInList',
        'getShouldShowUnreadDivider', 'getShowChangeNumberNotification',
    ],
    WAWebFrontendContactGetters: [
        'getDisplayName', 'getFormattedName', 'getFormattedShortName',
        'getFormattedShortNameWithNonBreakingSpaces', 'getFormattedUser',
        'getFormattedUsernameOrPhone', 'getHeader', 'getIsMyContact',
        'getPhoneNumber', 'getPnForLid', 'getSearchName',
        'getSearchVerifiedName', 'getTextStatusString',
    ],
    WAWebGenMinimalLinkPreviewChatAction: ['genMinimalLinkPreview'],
    WAWebHandleGroupChatReceipt: ['handleGroupSimpleReceipt'],
    WAWebHandleSingleMsgWorkerCompatible: ['handleSingleMsg'],
    WAWebHandleStatusReceipt: ['handleStatusSimpleReceipt'],
    WAWebImageUtils: ['generateVideoThumbsAndDuration', 'rotateAndResize'],
    WAWebMsgGetters: ['getIsUnreadType'],
    WAWebPrimaryFeatures: ['primaryFeatureEnabled'],
    WAWebReactionsMsgAction: ['addOrUpdateReactionsModelCollection'],
    WAWebSendMsgCreateFanoutStanza: ['createFanoutMsgStanza'],
    WAWebEncryptAndSendStatusMsg: ['encryptAndSendStatusMsg'],
    WAWebSendMsgJob: ['encryptAndSendMsg'],
    WAWebUpdateDbForGroupActionApi: ['updateDBForGroupAction'],
};

const COLLECTIONS = [
    'BotProfileCollection', 'LabelCollection', 'OrderCollection',
    'ReactionsCollection', 'StatusCollection',
];


export function defineUnused() {
    for (const [id, names] of Object.entries(FUNCTIONS)) {
        define(id, Object.fromEntries(
            names.map((name) => [name, () => undefined])));
    }

    for (const name of COLLECTIONS) {
        define(`WAWeb${name}`, { [name]: new Collection(Model) });
    }

    define('WAWebCallCollection', {
        default: Object.assign(new Collection(Model), {
            processIncomingCall() {},
        }),
    });
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
