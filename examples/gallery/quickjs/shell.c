/* A shell around QuickJS: evaluates the standard input; `print` writes a line. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "quickjs.h"
static JSValue print(JSContext *c, JSValueConst self, int n, JSValueConst *v) {
  for (int i = 0; i < n; i++) { const char *s = JS_ToCString(c, v[i]); if (!s) return JS_EXCEPTION; printf("%s%s", i ? " " : "", s); JS_FreeCString(c, s); }
  putchar('\n'); return JS_UNDEFINED;
}
int main(void) {
  size_t n = 0, room = 65536; char *s = malloc(room + 1);
  for (size_t k; (k = fread(s + n, 1, room - n, stdin)) > 0;) { n += k; if (n == room) s = realloc(s, (room *= 2) + 1); }
  s[n] = 0;
  JSRuntime *r = JS_NewRuntime(); JSContext *c = JS_NewContext(r);
  JS_SetMaxStackSize(r, 512*1024);
  JSValue g = JS_GetGlobalObject(c);
  JS_SetPropertyStr(c, g, "print", JS_NewCFunction(c, print, "print", 1));
  JSValue v = JS_Eval(c, s, n, "<input>", JS_EVAL_TYPE_GLOBAL);
  int failed = JS_IsException(v);
  if (failed) { JSValue e = JS_GetException(c); const char *t = JS_ToCString(c, e); printf("%s\n", t); }
  return failed;
}
