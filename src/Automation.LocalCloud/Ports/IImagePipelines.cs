namespace Automation.LocalCloud.Ports;

/// <summary>Image Builder's pipelines, for the rules that start them.</summary>
internal interface IImagePipelines
{
    /// <summary>Starts a build of the pipeline.</summary>
    /// <exception cref="Wire.AwsException">ResourceNotFoundException; ServiceQuotaExceededException.</exception>
    void Start(string pipelineArn);
}
