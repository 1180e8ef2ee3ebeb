// @great-detail/whatsapp 8.

import Client from '@great-detail/whatsapp';
import { drive } from './great-detail-calls.js';


await drive((base, request) => new Client({ prefixUrl: base, request }));
