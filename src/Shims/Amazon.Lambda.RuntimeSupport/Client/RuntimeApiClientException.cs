using System.Globalization;

namespace Amazon.Lambda.RuntimeSupport;

/// <summary>The Runtime API returned an error.</summary>
public class RuntimeApiClientException : Exception
{
    public RuntimeApiClientException(
        string message,
        int statusCode,
        string response,
        IReadOnlyDictionary<string, IEnumerable<string>> headers,
        Exception innerException)
        : base(message, innerException)
    {
        StatusCode = statusCode;
        Response = response;
        Headers = headers;
    }

    public int StatusCode { get; private set; }

    /// <summary>The body of the response.</summary>
    public string Response { get; private set; }

    public IReadOnlyDictionary<string, IEnumerable<string>> Headers { get; private set; }

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"HTTP Response: \n\n{Response}\n\n{base.ToString()}");
}

/// <summary>A <see cref="RuntimeApiClientException"/> with the deserialised response.</summary>
public class RuntimeApiClientException<TResult> : RuntimeApiClientException
{
    public RuntimeApiClientException(
        string message,
        int statusCode,
        string response,
        IReadOnlyDictionary<string, IEnumerable<string>> headers,
        TResult result,
        Exception innerException)
        : base(message, statusCode, response, headers, innerException)
    {
        Result = result;
    }

    public TResult Result { get; private set; }
}
