namespace Automation.Core;

/// <summary>
/// A failure that the workflow tells apart by its class name: the Lambda runtime reports <c>GetType().Name</c>, and the state
/// machine's <c>Retry</c> and <c>Catch</c> match it. The names are therefore a contract; a test reads the state machine to prove it.
/// Expected outcomes ("not due", "blocked") are values, not exceptions.
/// </summary>
public abstract class AutomationException(string message, Exception? cause = null) : Exception(message, cause);

/// <summary>Throttling, an unavailable dependency or a time-out: the same call may succeed shortly.</summary>
public sealed class TransientException(string message, Exception? cause = null) : AutomationException(message, cause);

/// <summary>A service quota is used up, such as concurrent builds. Capacity returns when running work ends.</summary>
public sealed class QuotaExceededException(string message, Exception? cause = null) : AutomationException(message, cause);

/// <summary>Another build of the image started from the same facts, so the caller must plan again on current facts.</summary>
public sealed class BuildConflictException(string message, Exception? cause = null) : AutomationException(message, cause);

/// <summary>A retry cannot help: a person must change a rule, a permission or a resource.</summary>
public sealed class PermanentException(string message, Exception? cause = null) : AutomationException(message, cause);

/// <summary>An event or an input has an invalid shape; the message names the member and its place.</summary>
public sealed class InvalidEventException(string message, Exception? cause = null) : AutomationException(message, cause);

/// <summary>The catalog does not list the image.</summary>
public sealed class ImageNotInCatalogException(string message) : AutomationException(message);

/// <summary>A tag that must not move is on another digest.</summary>
public sealed class TagConflictException(string message) : AutomationException(message);
