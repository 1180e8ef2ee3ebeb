/*
 * What wa-js binds or wraps while it starts, but what no call of the bridge
 * ever reaches. Without these names its console would be full of errors, in
 * which a real one would be lost.
 */

import { define } from './define.mjs';
import { Collection, Emitter, Model } from './model.mjs';

const FUNCTIONS = {
    WAMd5: ['md5', 'md5ArrayBufferHex'],
    WAWebABProps: ['getABPropConfigValue'],
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
        'getDisplayName', 'getDisplayNameOrPnForLid', 'getFormattedName',
        'getFormattedPhone', 'getFormattedShortName',
        'getFormattedShortNameWithNonBreakingSpaces', 'getFormattedUser',
        'getFormattedUsernameOrPhone', 'getHeader', 'getIsMyContact',
        'getMentionName', 'getPhoneNumber', 'getPnForLid', 'getSearchName',
        'getSearchVerifiedName', 'getTextStatusString',
        'getUserDisplayNameForLid',
    ],
    WAWebGenMinimalLinkPreviewChatAction: ['genMinimalLinkPreview'],
    WAWebHandleGroupChatReceipt: ['handleGroupSimpleReceipt'],
    WAWebHandleSingleMsg: ['handleSingleMsg'],
    WAWebHandleStatusReceipt: ['handleStatusSimpleReceipt'],
    WAWebImageUtils: ['generateVideoThumbsAndDuration', 'rotateAndResize'],
    WAWebMsgGetters: ['getIsUnreadType'],
    WAWebPrimaryFeatures: ['primaryFeatureEnabled'],
    WAWebReactionsMsgAction: ['addOrUpdateReactionsModelCollection'],
    WAWebSendMsgCreateFanoutStanza: ['createFanoutMsgStanza'],
    WAWebSendMsgJob: ['encryptAndSendMsg', 'encryptAndSendStatusMsg'],
    WAWebUpdateDbForGroupActionApi: ['updateDBForGroupAction'],
};

const COLLECTIONS = [
    'BotProfileCollection', 'LabelCollection', 'OrderCollection',
    'PresenceCollection', 'ReactionsCollection', 'StatusCollection',
];


export function defineUnused() {
    for (const [id, names] of Object.entries(FUNCTIONS)) {
        define(id, Object.fromEntries(
            names.map((name) => [name, () => undefined])));
    }

    for (const name of COLLECTIONS) {
        define(`WAWeb${name}`, { [name]: new Collection(Model) });
    }

    define('WAWebBackendEventBus', {
        BackendEvent: {},
        BackendEventBus: new Emitter(),
    });
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
    define('WAWebLid1X1MigrationGating', {
        Lid1X1MigrationUtils: { isLidMigrated: () => false },
    });
    define('WAWebNetworkStatus', {
        default: Object.assign(new Model({ online: true }), {
            checkOnline: () => true,
        }),
    });
    define('WAWebNonJidMentionType', { default: { MENTION_ALL: 1 } });
}
