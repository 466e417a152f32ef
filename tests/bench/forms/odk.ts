// ODK Web Forms, as its README says, with the same content as an XForm.
import { createApp, h } from 'vue';
import { OdkWebForm, webFormsPlugin } from '@getodk/web-forms';
import { answers, asked, note } from './content.ts';

const options = answers.map(([value, word]) => `<item><label>${word}</label><value>${value}</value></item>`).join('');
const items = asked();
const each = (one: (item: (typeof items)[number]) => string): string => items.map(one).join('');
const formXml = `<?xml version="1.0"?>
<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml">
  <h:head><h:title>bench</h:title><model><instance><data id="bench">${each(({ id }) => `<${id}/><n${id}/>`)}</data></instance>
  ${each(({ id }) => `<bind nodeset="/data/${id}" type="string"/><bind nodeset="/data/n${id}" type="string" relevant="/data/${id} = 'fail'"/>`)}
  </model></h:head>
  <h:body>${each(({ id, code, text }) => `<select1 ref="/data/${id}"><label>${code} ${text}</label>${options}</select1><input ref="/data/n${id}"><label>${note}</label></input>`)}</h:body>
</h:html>`;
const form = h(OdkWebForm, { formXml, fetchFormAttachment: () => Promise.reject(new Error('there are none')) });
createApp({ render: () => form }).use(webFormsPlugin).mount('#form');
