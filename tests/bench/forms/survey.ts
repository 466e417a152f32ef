// SurveyJS, as its guide for a page without a framework says; its smaller stylesheet without fonts.
import { Model } from 'survey-core';
import 'survey-core/survey-core.fontless.min.css';
import 'survey-js-ui';
import { answers, asked, note } from './content.ts';

const choices = answers.map(([value, text]) => ({ value, text }));
const survey = new Model({
  showQuestionNumbers: false,
  elements: asked().flatMap(({ id, code, text }) => [
    { type: 'radiogroup', name: id, title: `${code} ${text}`, choices, colCount: 0 },
    { type: 'comment', name: `${id}-note`, title: note, visibleIf: `{${id}} = 'fail'` },
  ]),
});
// Its way for long forms: what is not in view is drawn when it comes there.
survey.lazyRenderEnabled = true;
survey.render(document.querySelector<HTMLElement>('#form')!);
