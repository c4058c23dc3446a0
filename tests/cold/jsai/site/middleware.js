import { NextResponse } from 'next/server';
export const config = { matcher: '/old/:path*' };
export function middleware(request) { return NextResponse.redirect(new URL('/letters', request.url)); }
