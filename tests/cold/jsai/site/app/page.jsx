import Image from 'next/image';
export default function Page() { return <main><h1>all papers</h1><Image src="/dot.png" alt="" width={16} height={16} /></main>; }
