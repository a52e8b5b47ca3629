namespace Automation.Core;

/// <summary>
/// A failure that the workflow tells apart by its class name: the Lambda runtime reports <c>GetType().Name</c>, and the state
/// machine's <c>Retry</c> and <c>Catch</c> match it. The names are therefore a contract; a test reads the state machine to prove it.
/// Expected outcomes ("not due", "blocked") are values, not exceptions.
/// </summary>
public abstract class AutomationException(string message, Exception? cause = null) : Exception(message, cause);

/// <summary>Throttling, a dependency that is down, a time-out: the same call may succeed in a moment.</summary>
public sealed class TransientException(string message, Exception? cause = null) : AutomationException(message, cause);

/// <summary>A service quota is used up (such as concurrent builds); it frees itself when running work ends.</summary>
public sealed class QuotaExceededException(string message, Exception? cause = null) : AutomationException(message, cause);

/// <summary>Another build of the image was started on the same facts: what was decided is to be decided again on what there is now.</summary>
public sealed class BuildConflictException(string message, Exception? cause = null) : AutomationException(message, cause);

/// <summary>Trying again changes nothing: somebody has to change a rule, a permission or a resource.</summary>
public sealed class PermanentException(string message, Exception? cause = null) : AutomationException(message, cause);

/// <summary>An event or an input that has not the shape it must have; the message says what is missing and where.</summary>
public sealed class InvalidEventException(string message, Exception? cause = null) : AutomationException(message, cause);

/// <summary>An image that the catalog does not list.</summary>
public sealed class ImageNotInCatalogException(string message) : AutomationException(message);

/// <summary>A tag that must not move stands on another digest.</summary>
public sealed class TagConflictException(string message) : AutomationException(message);
