import { headers } from 'next/headers';
import { Suspense } from 'react';
export const dynamic = 'force-dynamic';
async function Late() { await new Promise((resolve) => setTimeout(resolve, 50)); return <p>late letter for {(await headers()).get('x-who') ?? 'nobody'}</p>; }
export default function Page() { return <Suspense fallback={<i>soon</i>}><Late /></Suspense>; }
