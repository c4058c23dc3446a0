import { NextResponse } from 'next/server';
export async function GET(request, { params }) {
  const { id } = await params;
  const { describe } = await import('../../../../late/describe');
  return NextResponse.json({ id, text: describe(id) });
}
export const POST = async (request) => NextResponse.json({ got: await request.json() }, { status: 201 });
