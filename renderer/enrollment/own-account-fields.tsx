import { type JSX, useState } from 'react';
import { AUTHSIGNAL_REGIONS, TWO_FACTOR_DEFAULTS } from '../../protocol/account-fields.ts';
import { assertNever } from '../shared/assert-never.ts';
import { words } from '../shared/words.ts';
import type { FieldName, Mistakes } from './account-form.ts';
import { Field } from './field.tsx';
import { isRegion } from './own-account-form.ts';
import { Segments } from './segments.tsx';
import type { OwnServiceName } from './steps.ts';

const text = words.enrollment.account;

/** What a service needs to be spoken to. */
export function OwnAccountFields({ service, mistakes }: OwnAccountFieldsProps): JSX.Element {
  switch (service) {
    case 'iampass':
    case 'activeconnect':
      return <ApplicationFields mistakes={mistakes} />;
    case 'authsignal':
      return <TenantFields mistakes={mistakes} />;
    case 'wcd-2factor':
      return <SiteFields mistakes={mistakes} />;
    default:
      return assertNever(service);
  }
}

export interface OwnAccountFieldsProps {
  readonly service: OwnServiceName;
  readonly mistakes: Mistakes;
}
type FieldsProps = Pick<OwnAccountFieldsProps, 'mistakes'>;

function ApplicationFields({ mistakes }: FieldsProps): JSX.Element {
  return (
    <>
      <Field name="appId" label={text.appId} help={text.appIdHelp} wrong={mistakes.appId} />
      <Field
        name="appSecret"
        type="password"
        label={text.appSecret}
        help={text.appSecretHelp}
        wrong={mistakes.appSecret}
      />
      <More summary={text.advanced} fields={['baseUrl']} mistakes={mistakes}>
        <Field
          name="baseUrl"
          type="url"
          inputMode="url"
          label={text.baseUrl}
          help={text.baseUrlHelp}
          placeholder="https://"
          wrong={mistakes.baseUrl}
        />
      </More>
    </>
  );
}

const REGIONS = ['us', 'eu', 'au', 'other'] as const;

function TenantFields({ mistakes }: FieldsProps): JSX.Element {
  const [region, setRegion] = useState<(typeof REGIONS)[number]>('us');
  return (
    <>
      <Field
        name="secretKey"
        type="password"
        label={text.secretKey}
        help={text.secretKeyHelp}
        wrong={mistakes.secretKey}
      />
      <div className="field">
        <Segments
          name="region"
          label={text.region}
          options={REGIONS.map((value) => ({ value, title: text.regions[value] }))}
          chosen={region}
          onChoose={setRegion}
        />
        {isRegion(region) ? <p className="field__help field__address">{AUTHSIGNAL_REGIONS[region]}</p> : null}
      </div>
      {isRegion(region) ? null : (
        <Field
          name="apiUrl"
          type="url"
          inputMode="url"
          label={text.apiUrl}
          help={text.apiUrlHelp}
          placeholder="https://"
          wrong={mistakes.apiUrl}
        />
      )}
    </>
  );
}

function SiteFields({ mistakes }: FieldsProps): JSX.Element {
  return (
    <>
      <Field
        name="siteUrl"
        type="url"
        inputMode="url"
        label={text.siteUrl}
        help={text.siteUrlHelp}
        placeholder="https://"
        wrong={mistakes.siteUrl}
      />
      <Field name="token" type="password" label={text.token} help={text.tokenHelp} wrong={mistakes.token} />
      <More
        summary={text.howItSignsIn}
        fields={['prefix', 'headerName', 'headerTemplate', 'outOfBandMethods']}
        mistakes={mistakes}
      >
        <Field
          name="prefix"
          label={text.prefix}
          help={text.prefixHelp}
          placeholder={TWO_FACTOR_DEFAULTS.prefix}
          wrong={mistakes.prefix}
        />
        <Field
          name="headerName"
          label={text.headerName}
          help={text.headerNameHelp}
          placeholder={TWO_FACTOR_DEFAULTS.headerName}
          wrong={mistakes.headerName}
        />
        <Field
          name="headerTemplate"
          label={text.headerTemplate}
          help={text.headerTemplateHelp}
          placeholder={TWO_FACTOR_DEFAULTS.headerTemplate}
          wrong={mistakes.headerTemplate}
        />
        <Field
          name="outOfBandMethods"
          label={text.outOfBandMethods}
          help={text.outOfBandMethodsHelp}
          wrong={mistakes.outOfBandMethods}
        />
      </More>
    </>
  );
}

/** What most people leave alone; open where something in it is wrong. */
function More({ summary, fields, mistakes, children }: MoreProps): JSX.Element {
  return (
    <details className="more" open={fields.some((field) => mistakes[field] !== undefined) ? true : undefined}>
      <summary>{summary}</summary>
      <div className="more__fields">{children}</div>
    </details>
  );
}

interface MoreProps extends FieldsProps {
  readonly summary: string;
  readonly fields: readonly FieldName[];
  readonly children: JSX.Element | readonly JSX.Element[];
}
