import path from 'node:path';
import { writeFile, mkdtemp } from 'node:fs/promises';
import { makePdf, makeDocx } from '#lib/samples';
export default async function loaders() {
  const folder = await mkdtemp('/tmp/loaders-');
  await writeFile(path.join(folder, 'a.pdf'), await makePdf('a line of the paper'));
  await writeFile(path.join(folder, 'a.docx'), await makeDocx('a line of the letter'));
  await writeFile(path.join(folder, 'a.csv'), 'name,size\nmelon,3\n');
  await writeFile(path.join(folder, 'a.jsonl'), '{"text":"a line of JSON"}\n');
  await writeFile(path.join(folder, 'a.txt'), 'a plain line');
  const { DirectoryLoader } = await import('langchain/document_loaders/fs/directory');
  const { TextLoader } = await import('langchain/document_loaders/fs/text');
  const { JSONLinesLoader } = await import('langchain/document_loaders/fs/json');
  const { PDFLoader } = await import('@langchain/community/document_loaders/fs/pdf');
  const { DocxLoader } = await import('@langchain/community/document_loaders/fs/docx');
  const loader = new DirectoryLoader(folder, {
    '.pdf': (name) => new PDFLoader(name),
    '.docx': (name) => new DocxLoader(name),
    '.txt': (name) => new TextLoader(name),
    '.jsonl': (name) => new JSONLinesLoader(name, '/text'),
  }, true, 'ignore');
  const documents = await loader.load();
  const { RecursiveCharacterTextSplitter } = await import('@langchain/textsplitters');
  const parts = await RecursiveCharacterTextSplitter.fromLanguage('markdown', { chunkSize: 20, chunkOverlap: 0 }).splitText('# one\n\ntwo three\n\n# four\n\nfive');
  return { texts: documents.map((document) => document.pageContent.trim()).sort(), parts: parts.length };
}
