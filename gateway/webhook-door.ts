import type { IncomingMessage, ServerResponse } from 'node:http';
import { MAX_WEBHOOK_BYTES } from './limits.ts';
import { describeFault, type GatewayLogger } from './logger.ts';
import type { GatewayMetrics, WebhookOutcome } from './metrics.ts';
import { ProviderError, type ProviderWebhook, type WebhookNews } from './providers/provider.ts';
import { bodyOf } from './request-body.ts';

/** The path on which the service calls the gateway. */
export interface WebhookDoor {
  readonly path: string;
  /** Answers with 204, 400, 401, 405, 413 or 503; tells nobody why, for who is not the service learns nothing here. */
  answer(request: IncomingMessage, response: ServerResponse): Promise<void>;
}

/** Everybody can reach it, so a body is bounded and kept only until it is checked, and what it says goes on only after the check. */
export function createWebhookDoor(ports: {
  readonly webhook: ProviderWebhook;
  readonly logger: GatewayLogger;
  readonly metrics: GatewayMetrics;
  /** Whether there is still somebody to tell; if not, the service is asked to deliver again. */
  readonly isOpen: () => boolean;
  readonly onNews: (news: WebhookNews) => void;
}): WebhookDoor {
  const { webhook, logger, metrics, isOpen, onNews } = ports;

  function refuse(response: ServerResponse, status: number, outcome: WebhookOutcome): void {
    metrics.webhooks.inc({ outcome });
    logger.warn({ status, outcome }, 'a webhook was refused');
    end(response, status);
  }

  /** The news, if there is any; `refused` when it has been answered. */
  async function received(request: IncomingMessage, response: ServerResponse): Promise<WebhookNews | null | 'refused'> {
    const body = await bodyOf(request, MAX_WEBHOOK_BYTES);
    if (body === 'too-large') {
      response.setHeader('Connection', 'close');
      refuse(response, 413, 'too-large');
      return 'refused';
    }
    try {
      return await webhook.receive(body, singleHeaders(request));
    } catch (fault) {
      if (fault instanceof ProviderError && fault.code === 'PROVIDER_UNAUTHORIZED') refuse(response, 401, 'unsigned');
      else if (fault instanceof ProviderError) refuse(response, 400, 'malformed');
      else {
        logger.error({ fault: describeFault(fault) }, 'a webhook could not be looked at');
        refuse(response, 500, 'failed');
      }
      return 'refused';
    }
  }

  return {
    path: webhook.path,
    async answer(request, response) {
      if (request.method !== 'POST') {
        response.setHeader('Allow', 'POST');
        end(response, 405);
        return;
      }
      if (!isOpen()) {
        end(response, 503);
        return;
      }
      const news = await received(request, response);
      if (news === 'refused') return;
      metrics.webhooks.inc({ outcome: news === null ? 'nothing-new' : 'accepted' });
      // First the acknowledgement: a service may make the change that it announces only when it has it.
      if (news !== null) response.once('finish', () => onNews(news));
      end(response, 204);
    },
  };
}

function singleHeaders(request: IncomingMessage): Readonly<Record<string, string | undefined>> {
  const single: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(request.headers)) if (typeof value === 'string') single[name] = value;
  return single;
}

function end(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' });
  response.end();
}
