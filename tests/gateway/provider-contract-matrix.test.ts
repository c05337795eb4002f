import { onColumn } from './provider-contract.ts';
import { COLUMNS } from './provider-contract-columns.ts';
import { describeWrongAnswers } from './provider-contract-matrix.ts';

/** A file of its own because it is long; what of it stands in docs/providers.md is seen in provider-contract.test.ts. */
for (const column of COLUMNS) if (column.inside !== true) onColumn(column, describeWrongAnswers);
