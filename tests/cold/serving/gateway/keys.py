from fastapi import HTTPException, Request
from litellm.proxy._types import LitellmUserRoles, UserAPIKeyAuth


async def check(request: Request, api_key: str) -> UserAPIKeyAuth:
    if not api_key.startswith("sk-tea"):
        raise HTTPException(401, "no tea for you")
    return UserAPIKeyAuth(api_key=api_key, user_id="tea", user_role=LitellmUserRoles.PROXY_ADMIN)
