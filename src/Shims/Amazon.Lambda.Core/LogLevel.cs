namespace Amazon.Lambda.Core;

/// <summary>Severity of a log line, lowest first.</summary>
public enum LogLevel
{
    Trace = 0,
    Debug = 1,
    Information = 2,
    Warning = 3,
    Error = 4,
    Critical = 5,
}
