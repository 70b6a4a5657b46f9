import type { FastifyRequest } from 'fastify';
import { foreignPage } from '../errors.ts';

const LOOPBACK = /^(?:(?:[a-z0-9-]+\.)*localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/;

/**
 * Dev mode shows codes and moves the clock for whoever asks on loopback, and every web page that a developer opens can
 * ask. This lets in what only programs and the inbox's own page can send. Throws AccessDeniedException (403).
 */
export function refuseOtherSites(request: FastifyRequest): void {
  const host = request.headers.host?.toLowerCase() ?? '';
  // DNS rebinding: a hostile page's own name, pointed at 127.0.0.1, is same-origin for the browser; its Host tells.
  if (!LOOPBACK.test(host)) {
    throw foreignPage(
      'It answers to loopback names alone: use http://localhost or http://127.0.0.1 with its port.',
    );
  }
  const origin = request.headers.origin?.toLowerCase();
  if (origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`) {
    throw foreignPage(
      'It does not answer web pages of another origin. Call it from a program or a test runner.',
    );
  }
  // What a page loads without CORS (images, forms, frames) carries no Origin; Fetch Metadata tells on it.
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none' && !opensThePage(request)) {
    throw foreignPage('It does not answer web pages of another site. Open it by typing its address.');
  }
}

/** A link to the inbox, in a manual or a chat, may be followed: the site that it is on learns nothing of the answer. */
const opensThePage = ({ method, headers, routeOptions }: FastifyRequest) =>
  method === 'GET' &&
  routeOptions.url === '/' &&
  headers['sec-fetch-mode'] === 'navigate' &&
  headers['sec-fetch-dest'] === 'document';
