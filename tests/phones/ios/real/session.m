/* An audio session with Apple's selectors and types, and functions that make its side happen. */

#import <Foundation/Foundation.h>
#include <objc/runtime.h>
#include <pthread.h>

#define TEXT(name) NSString *const name = @"text of " #name
TEXT(AVAudioSessionCategoryPlayback);
TEXT(AVAudioSessionModeDefault);
TEXT(AVAudioSessionPortBuiltInSpeaker);
TEXT(AVAudioSessionPortHeadphones);
TEXT(AVAudioSessionInterruptionNotification);
TEXT(AVAudioSessionInterruptionTypeKey);
TEXT(AVAudioSessionInterruptionOptionKey);
TEXT(AVAudioSessionRouteChangeNotification);
TEXT(AVAudioSessionRouteChangeReasonKey);
TEXT(AVAudioSessionRouteChangePreviousRouteKey);

/* A truth value is of this type on an iPhone; GCC's BOOL is a character. */
typedef _Bool truth;

/* GNUstep knows a block by the types of its parts, since GCC has none. */
typedef struct {
    void *isa;
    int flags, reserved;
    void (*invoke)(void);
} *block;

static pthread_t asking;
static long refusal;
static const char *version;
static int routes, headphones;

/* ---- the classes ---- */

@interface AVAudioSessionPortDescription : NSObject
{
    int wired;
}
@end

@implementation AVAudioSessionPortDescription
- (id)init
{
    wired = headphones;
    return self;
}
- (NSString *)portName { return wired ? @"Kopfh\u00f6rer" : @"Speaker"; }
- (NSString *)portType
{
    return wired ? AVAudioSessionPortHeadphones : AVAudioSessionPortBuiltInSpeaker;
}
- (NSString *)UID { return [NSString stringWithFormat:@"uid of %@", [self portName]]; }
@end

@interface AVAudioSessionRouteDescription : NSObject
{
    NSArray *outputs;
}
@end

@implementation AVAudioSessionRouteDescription
- (id)init
{
    id port = [[AVAudioSessionPortDescription new] autorelease];
    outputs = [[NSArray alloc] initWithObjects:port, nil];
    __sync_add_and_fetch(&routes, 1);
    return self;
}
- (NSArray *)inputs { return [NSArray array]; }
- (NSArray *)outputs { return outputs; }
- (void)dealloc
{
    [outputs release];
    __sync_sub_and_fetch(&routes, 1);
    [super dealloc];
}
@end

@interface AVAudioSession : NSObject
{
    NSString *category, *mode;
    NSUInteger policy, options;
    truth active;
    float volume;
}
@end

@implementation AVAudioSession
+ (AVAudioSession *)sharedInstance
{
    static AVAudioSession *shared;
    @synchronized(self) {
        if (shared == nil) {
            shared = [self new];
        }
    }
    return shared;
}
- (truth)answer:(NSError **)error
{
    NSDictionary *info = [NSDictionary dictionaryWithObject:@"not now"
                                                     forKey:NSLocalizedDescriptionKey];
    /* 1 refuses without a reason. */
    if (refusal > 1 || refusal < 0) {
        *error = [NSError errorWithDomain:NSOSStatusErrorDomain code:refusal userInfo:info];
    }
    return refusal == 0;
}
- (truth)setCategory:(NSString *)category_
                  mode:(NSString *)mode_
    routeSharingPolicy:(NSUInteger)policy_
               options:(NSUInteger)options_
                 error:(NSError **)error
{
    if (![self answer:error]) {
        return 0;
    }
    ASSIGNCOPY(category, category_);
    ASSIGNCOPY(mode, mode_);
    policy = policy_;
    options = options_;
    return 1;
}
- (truth)setActive:(truth)active_ withOptions:(NSUInteger)options_ error:(NSError **)error
{
    if (![self answer:error]) {
        return 0;
    }
    active = active_;
    return 1;
}
- (NSString *)category { return category; }
- (NSString *)mode { return mode; }
- (NSUInteger)routeSharingPolicy { return policy; }
- (NSUInteger)categoryOptions { return options; }
- (NSArray *)availableInputs { return nil; }
- (truth)isOtherAudioPlaying { return active; }
- (double)sampleRate { return 44100.5; }
- (float)outputVolume { return volume; }
- (AVAudioSessionRouteDescription *)currentRoute
{
    return [[AVAudioSessionRouteDescription new] autorelease];
}
- (void)changeVolume:(float)to
{
    [self willChangeValueForKey:@"outputVolume"];
    volume = to;
    [self didChangeValueForKey:@"outputVolume"];
}
static void *say_yes(void *asked)
{
    ((void (*)(void *, truth))((block)asked)->invoke)(asked, 1);
    _Block_release(asked);
    return NULL;
}
static void *say_number(void *asked)
{
    ((void (*)(void *, NSInteger))((block)asked)->invoke)(asked, -(1L << 40));
    _Block_release(asked);
    return NULL;
}
static void *say_both(void *asked)
{
    ((void (*)(void *, truth, NSInteger))((block)asked)->invoke)(asked, 1, -(1L << 40));
    _Block_release(asked);
    return NULL;
}
- (void)prepareRouteSelectionForPlaybackWithCompletionHandler:(block)answered
{
    pthread_create(&asking, NULL, say_both, _Block_copy(answered));
}
- (void)requestRecordPermission:(block)answered
{
    pthread_create(&asking, NULL, say_yes, _Block_copy(answered));
}
- (void)requestMicrophoneInjectionPermissionWithCompletionHandler:(block)answered
{
    pthread_create(&asking, NULL, say_number, _Block_copy(answered));
}
@end

@interface UIDevice : NSObject
@end

@implementation UIDevice
+ (UIDevice *)currentDevice { return [[self new] autorelease]; }
- (NSString *)systemVersion { return [NSString stringWithUTF8String:version]; }
@end

/* The app's own Info.plist, which a program on a desktop does not have. */
@implementation NSBundle (Phone)
- (id)objectForInfoDictionaryKey:(NSString *)key
{
    return [key isEqual:@"NSMicrophoneUsageDescription"] ? @"It records." : nil;
}
@end

/* ---- what a test makes happen; what is told is told on a thread of its own ---- */

void double_version(const char *text) { version = text; }

void double_refuse(long code) { refusal = code; }

int double_routes(void) { return routes; }

/* Returns when what was asked last is answered. */
void double_settle(void) { pthread_join(asking, NULL); }

typedef struct {
    void (*what)(AVAudioSession *, int, float);
    int number;
    float volume;
} Telling;

static void *tell_now(void *told)
{
    Telling *telling = told;
    NSAutoreleasePool *pool = [NSAutoreleasePool new];
    telling->what([AVAudioSession sharedInstance], telling->number, telling->volume);
    [pool release];
    return NULL;
}

static void tell(void (*what)(AVAudioSession *, int, float), int number, float volume)
{
    Telling telling = {what, number, volume};
    pthread_t thread;
    pthread_create(&thread, NULL, tell_now, &telling);
    pthread_join(thread, NULL);
}

static void post(NSString *name, id sender, NSDictionary *info)
{
    [[NSNotificationCenter defaultCenter] postNotificationName:name object:sender userInfo:info];
}

static void interrupt(AVAudioSession *session, int type, float unused)
{
    post(AVAudioSessionInterruptionNotification, session,
         [NSDictionary dictionaryWithObjectsAndKeys:[NSNumber numberWithUnsignedInteger:type],
                                                    AVAudioSessionInterruptionTypeKey,
                                                    [NSNumber numberWithUnsignedInteger:1 - type],
                                                    AVAudioSessionInterruptionOptionKey, nil]);
}

static void somebody_else(AVAudioSession *session, int unused, float unused_too)
{
    post(AVAudioSessionInterruptionNotification, nil, nil);
}

static void plug(AVAudioSession *session, int in, float unused)
{
    id before = [session currentRoute];
    headphones = in;
    post(AVAudioSessionRouteChangeNotification, session,
         [NSDictionary dictionaryWithObjectsAndKeys:[NSNumber numberWithUnsignedInteger:2 - in],
                                                    AVAudioSessionRouteChangeReasonKey, before,
                                                    AVAudioSessionRouteChangePreviousRouteKey, nil]);
}

static void loud(AVAudioSession *session, int unused, float volume)
{
    [session changeVolume:volume];
}

/* 1 begins, 0 ends. */
void double_interrupt(int type) { tell(interrupt, type, 0); }

void double_somebody_else(void) { tell(somebody_else, 0, 0); }

void double_plug(int in) { tell(plug, in, 0); }

void double_volume(float volume) { tell(loud, 0, volume); }
