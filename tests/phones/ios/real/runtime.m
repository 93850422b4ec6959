/* What Apple's libobjc and Foundation have, and GCC's and GNUstep's lack or have another way.
   Only rubicon-objc finds this; Foundation itself goes on with GCC's. */

#define _GNU_SOURCE
#import <Foundation/Foundation.h>
#include <objc/runtime.h>
#include <objc/message.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* ---- sending ---- */

#define SAVED(function)                                                        \
    "pushq %rbp; movq %rsp, %rbp; subq $192, %rsp\n"                           \
    "movq %rdi, -8(%rbp); movq %rsi, -16(%rbp); movq %rdx, -24(%rbp)\n"        \
    "movq %rcx, -32(%rbp); movq %r8, -40(%rbp); movq %r9, -48(%rbp)\n"         \
    "movq %rax, -56(%rbp)\n"                                                   \
    "movups %xmm0, -80(%rbp); movups %xmm1, -96(%rbp)\n"                       \
    "movups %xmm2, -112(%rbp); movups %xmm3, -128(%rbp)\n"                     \
    "movups %xmm4, -144(%rbp); movups %xmm5, -160(%rbp)\n"                     \
    "movups %xmm6, -176(%rbp); movups %xmm7, -192(%rbp)\n"                     \
    "call " function "@PLT\n"                                                  \
    "movq %rax, %r11\n"                                                        \
    "movups -80(%rbp), %xmm0; movups -96(%rbp), %xmm1\n"                       \
    "movups -112(%rbp), %xmm2; movups -128(%rbp), %xmm3\n"                     \
    "movups -144(%rbp), %xmm4; movups -160(%rbp), %xmm5\n"                     \
    "movups -176(%rbp), %xmm6; movups -192(%rbp), %xmm7\n"                     \
    "movq -8(%rbp), %rdi; movq -16(%rbp), %rsi; movq -24(%rbp), %rdx\n"        \
    "movq -32(%rbp), %rcx; movq -40(%rbp), %r8; movq -48(%rbp), %r9\n"         \
    "movq -56(%rbp), %rax\n"                                                   \
    "leave\n"

asm(".text\n"
    ".globl objc_msgSend; .type objc_msgSend, @function\n"
    "objc_msgSend:\n" SAVED("objc_msg_lookup") "jmp *%r11\n"
    ".globl objc_msgSendSuper; .type objc_msgSendSuper, @function\n"
    "objc_msgSendSuper:\n" SAVED("objc_msg_lookup_super") "movq (%rdi), %rdi; jmp *%r11\n");

id objc_msgSend(id, SEL, ...);

#define MISSING(name) void name(void) { abort(); }

/* The bridge comes to none of these. */
MISSING(objc_msgSend_stret) MISSING(objc_msgSend_fpret) MISSING(objc_msgSendSuper_stret)
MISSING(objc_loadWeakRetained) MISSING(objc_storeWeak) MISSING(objc_removeAssociatedObjects)
MISSING(property_copyAttributeList) MISSING(protocol_addMethodDescription)
MISSING(protocol_addProtocol) MISSING(protocol_addProperty) MISSING(objc_allocateProtocol)
MISSING(objc_registerProtocol) MISSING(class_addProperty)

id objc_autoreleaseReturnValue(id value) { return [value autorelease]; }

void *objc_autoreleasePoolPush(void) { return [[NSAutoreleasePool alloc] init]; }

void objc_autoreleasePoolPop(void *pool) { [(id)pool release]; }

Class apples_object_getClass(id object) asm("object_getClass");
Class apples_object_getClass(id object) { return object == nil ? Nil : object->class_pointer; }

/* ---- types ---- */

const char *apples_method_getTypeEncoding(Method method) asm("method_getTypeEncoding");
const char *apples_method_getTypeEncoding(Method method)
{
    const char *types = method_getDescription(method)->types;
    const char *block = strstr(types, "^{?=^vii^?}");
    if (block == NULL) {
        return types;
    }
    /* Rubicon asks once for each method, so it is kept. */
    char *changed = NULL;
    asprintf(&changed, "%.*s@?%s", (int)(block - types), types, block + strlen("^{?=^vii^?}"));
    return changed;
}

/* ---- properties ---- */

/* GCC writes nothing down of properties. What Foundation's are is from rubicon, which takes these
   and no others for properties. */
static const char *const PROPERTIES[][2] = {
    {"NSError", " domain code localizedDescription userInfo "},
    {"NSNotification", " name object userInfo "},
    {"NSValue", " objCType "},
    {"NSNumber", " boolValue longLongValue unsignedLongLongValue doubleValue "},
    {"NSString", " length UTF8String "},
    {"NSObject", " description "},
    {"UIDevice", " systemVersion "},
    {"AVAudioSession", " category mode routeSharingPolicy categoryOptions currentRoute"
                       " availableInputs otherAudioPlaying outputVolume sampleRate "},
    {"AVAudioSessionRouteDescription", " inputs outputs "},
    {"AVAudioSessionPortDescription", " portName portType UID "},
};

const void *apples_class_getProperty(Class class, const char *name) asm("class_getProperty");
const void *apples_class_getProperty(Class class, const char *name)
{
    char spaced[128];
    snprintf(spaced, sizeof spaced, " %s ", name);
    for (; class != Nil && !class_isMetaClass(class); class = class_getSuperclass(class)) {
        for (size_t i = 0; i < sizeof PROPERTIES / sizeof *PROPERTIES; i++) {
            if (!strcmp(class_getName(class), PROPERTIES[i][0])
                && strstr(PROPERTIES[i][1], spaced) != NULL) {
                return PROPERTIES[i];
            }
        }
    }
    return NULL;
}

/* ---- associated objects ---- */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct association {
    id object, value;
    const void *key;
    struct association *next;
} *associations;
static IMP dealloc_before;

static void put(id object, const void *key, id value, BOOL all)
{
    struct association *gone = NULL;
    pthread_mutex_lock(&lock);
    struct association **at = &associations;
    while (*at != NULL) {
        struct association *each = *at;
        if (each->object == object && (all || each->key == key)) {
            *at = each->next;
            each->next = gone;
            gone = each;
        } else {
            at = &each->next;
        }
    }
    if (value != nil) {
        struct association *made = malloc(sizeof *made);
        *made = (struct association){object, value, key, associations};
        associations = made;
    }
    pthread_mutex_unlock(&lock);
    while (gone != NULL) {
        struct association *next = gone->next;
        [gone->value release];
        free(gone);
        gone = next;
    }
}

static void dealloc_now(id self, SEL _cmd)
{
    put(self, NULL, nil, YES);
    ((void (*)(id, SEL))dealloc_before)(self, _cmd);
}

void objc_setAssociatedObject(id object, const void *key, id value, int policy)
{
    put(object, key, [value retain], NO);
}

id objc_getAssociatedObject(id object, const void *key)
{
    id found = nil;
    pthread_mutex_lock(&lock);
    for (struct association *each = associations; each != NULL; each = each->next) {
        if (each->object == object && each->key == key) {
            found = [[each->value retain] autorelease];
            break;
        }
    }
    pthread_mutex_unlock(&lock);
    return found;
}

static id same(id self, SEL _cmd) { return self; }

/* GCC's Protocol is no NSObject; it is kept for ever. */
static void keep(Class class)
{
    class_addMethod(class, sel_registerName("retain"), (IMP)same, "@@:");
    class_addMethod(class, sel_registerName("release"), (IMP)same, "@@:");
    class_addMethod(class, sel_registerName("autorelease"), (IMP)same, "@@:");
}

/* ---- observers ---- */

/* Apple's center keeps the observer that it makes of a block until it is removed; GNUstep's gives
   it to the caller, who has no way to know. */
static NSMutableSet *kept;
static id (*add_before)(id, SEL, NSString *, id, id, id);
static void (*remove_before)(id, SEL, id);

static id add_now(id self, SEL _cmd, NSString *name, id object, id queue, id block)
{
    id made = add_before(self, _cmd, name, object, queue, block);
    @synchronized(kept) {
        [kept addObject:made];
    }
    return [made autorelease];
}

static void remove_now(id self, SEL _cmd, id observer)
{
    remove_before(self, _cmd, observer);
    @synchronized(kept) {
        [kept removeObject:observer];
    }
}

static IMP instead(const char *class, const char *selector, void *function)
{
    Method method = class_getInstanceMethod(objc_getClass(class), sel_registerName(selector));
    return method_setImplementation(method, (IMP)function);
}

__attribute__((constructor)) static void begin(void)
{
    keep(objc_getClass("Object"));
    keep(objc_getMetaClass("Object"));
    dealloc_before = instead("NSObject", "dealloc", dealloc_now);
    kept = objc_msgSend(objc_getClass("NSMutableSet"), sel_registerName("new"));
    add_before = (void *)instead(
        "NSNotificationCenter", "addObserverForName:object:queue:usingBlock:", add_now);
    remove_before = (void *)instead("NSNotificationCenter", "removeObserver:", remove_now);
}
