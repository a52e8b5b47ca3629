using Automation.LocalCloud.Common;
using Automation.LocalCloud.Storage;

namespace Automation.LocalCloud.Iam;

internal sealed class KmsState(ICloudStore store)
{
    private readonly Table<KeyRow> _keys = new("kms.keys", store, () => IamJson.Default.KeyRow);
    private readonly Table<KeyAlias> _aliases = new("kms.aliases", store, () => IamJson.Default.KeyAlias);

    public string? PolicyOf(string arn) => _keys.Find(arn)?.Policy;

    public void Put(KeyRow key) => _keys.Set(key.Arn, key);

    public void Delete(string keyId, string region)
    {
        if (Resolve(keyId, region) is { } arn)
        {
            _keys.Remove(arn);
        }
    }

    public void PutAlias(KeyAlias alias, string region) => _aliases.Set($"{region}/{alias.Name}", alias);

    public void DeleteAlias(string name, string region) => _aliases.Remove($"{region}/{name}");

    /// <summary>The ARN of a key given by id, ARN, alias or the alias's ARN; null if there is none.</summary>
    public string? Resolve(string key, string region)
    {
        if (key.IndexOf("alias/", StringComparison.Ordinal) is var alias and >= 0)
        {
            return _aliases.Find($"{region}/{key[alias..]}")?.KeyArn;
        }

        return _keys.Values.Select(row => row.Arn)
            .FirstOrDefault(arn => arn == key || (arn.EndsWith($":key/{key}", StringComparison.Ordinal) && Arn.Parse(arn).Region == region));
    }
}
