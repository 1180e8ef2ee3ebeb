// @great-detail/whatsapp 9, whose URLs have no version: it takes the last
// segment of its base URL for the name of a page.

import Client from 'great-detail-9';
import { drive } from './great-detail-calls.js';


await drive((base, request) => new Client({ baseUrl: base, request }));
