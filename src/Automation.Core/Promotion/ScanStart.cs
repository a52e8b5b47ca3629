namespace Automation.Core.Promotion;

/// <summary>The result of a request to scan an image.</summary>
public enum ScanStart
{
    Started,

    /// <summary>ECR scans an image at most once in 24 hours, including the scan on push, and a registry at most 100,000 images in that time.
    /// https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning-basic.html</summary>
    LimitExceeded,

    /// <summary>ECR cannot scan this kind of image.</summary>
    Unsupported,

    /// <summary>The image must be restored before it can be scanned.</summary>
    Archived,

    /// <summary>The registry uses enhanced scanning, which does not support starting a scan.
    /// https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning-enhanced.html</summary>
    Disabled,
}
